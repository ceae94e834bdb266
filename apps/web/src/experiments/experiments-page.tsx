import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { ARCHIVE_FILTERS, type ArchiveFilter } from '@airmeta/spec';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useTitle } from '../elements/use-title.js';
import { useLab } from '../lab/lab-context.js';
import { ExperimentTable } from './experiment-table.js';

const PAGE = 50;
const REFRESH_MS = 3_000;
const REFRESH_QUIET_MS = 15_000;

export function ExperimentsPage() {
  const { client, caller } = useLab();
  const [archive, setArchive] = useState<ArchiveFilter>('current');
  const [tag, setTag] = useState<string>();
  useTitle('experiments');
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    queryKey: ['experiments', archive, tag],
    queryFn: ({ pageParam }) =>
      client.experiments(PAGE, { archive, ...(tag === undefined ? {} : { tag }), ...(pageParam === null ? {} : { after: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((item) => item.state === 'running')) ? REFRESH_MS : REFRESH_QUIET_MS,
  });
  const experiments = data?.pages.flatMap(({ items }) => items);
  const filtered = archive !== 'current' || tag !== undefined;

  return (
    <>
      <div className="heading">
        <h1>Experiments</h1>
        <form className="filters" onSubmit={(event) => event.preventDefault()}>
          {tag !== undefined && (
            <button type="button" className="tag" onClick={() => setTag(undefined)} title="Show all tags">
              {tag} <span aria-label="remove this filter">×</span>
            </button>
          )}
          <label className="inline">
            Show
            <select value={archive} onChange={(event) => setArchive(event.target.value as ArchiveFilter)}>
              {ARCHIVE_FILTERS.map((filter) => (
                <option key={filter}>{filter}</option>
              ))}
            </select>
          </label>
        </form>
      </div>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!experiments && !error && <Loading what="experiments" />}
      {experiments?.length === 0 && (filtered ? <p className="empty">No experiment matches.</p> : <FirstSteps />)}
      {experiments && experiments.length > 0 && (
        <ExperimentTable experiments={experiments} showOwner={caller.auth === 'on'} onTag={setTag} />
      )}
      {hasNextPage && (
        <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  );
}

function FirstSteps() {
  return (
    <div className="empty">
      <p>No experiment yet.</p>
      <p>
        <Link href="/new">Submit one here</Link>, beginning with an example, or from the command line:
      </p>
      <pre>./airmeta submit preset:quickstart --watch</pre>
    </div>
  );
}
