import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { RUN_STATES, type ExperimentSummaryBody, type RunState } from '@airmeta/spec';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { experimentKey } from '../lab/experiment-queries.js';
import { useClient } from '../lab/lab-context.js';
import { RunTable } from './run-table.js';
import { usePoints } from './use-points.js';

const ANY = '';
/** A list that is longer is asked for again only when it is wanted. */
const REFRESHED_PAGES = 3;
const REFRESH_MS = 3_000;

export function RunsTab({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const client = useClient();
  const [state, setState] = useState<RunState | typeof ANY>(ANY);
  const [pointId, setPointId] = useState(ANY);
  const { data: points } = usePoints(experiment.id);
  const goesOn = experiment.state === 'running';
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch, isFetching } = useInfiniteQuery({
    queryKey: experimentKey(experiment.id, 'runs', state, pointId),
    queryFn: ({ pageParam }) =>
      client.runPage(experiment.id, { ...(state === ANY ? {} : { state }), ...(pointId === ANY ? {} : { pointId }) }, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state: { data: shown } }) => (goesOn && (shown?.pages.length ?? 0) <= REFRESHED_PAGES ? REFRESH_MS : false),
  });
  const runs = data?.pages.flatMap(({ items }) => items);
  return (
    <>
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        <label className="inline">
          State
          <select value={state} onChange={(event) => setState(event.target.value as RunState | typeof ANY)}>
            <option value={ANY}>any ({experiment.runCount})</option>
            {RUN_STATES.map((name) => (
              <option key={name} value={name}>
                {name} ({experiment.runs[name]})
              </option>
            ))}
          </select>
        </label>
        <label className="inline">
          Point
          <select value={pointId} onChange={(event) => setPointId(event.target.value)}>
            <option value={ANY}>any</option>
            {points?.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </form>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!runs && !error && <Loading what="runs" />}
      {runs?.length === 0 && <p className="empty">No run matches.</p>}
      {runs && runs.length > 0 && <RunTable runs={runs} points={points ?? []} />}
      <div className="actions">
        {hasNextPage && (
          <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show more
          </button>
        )}
        {goesOn && (data?.pages.length ?? 0) > REFRESHED_PAGES && (
          <>
            <button type="button" disabled={isFetching} onClick={() => void refetch()}>
              Refresh
            </button>
            <span className="faint">A list as long as this is not refreshed by itself.</span>
          </>
        )}
      </div>
    </>
  );
}
