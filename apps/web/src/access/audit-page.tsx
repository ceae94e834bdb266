import { useInfiniteQuery } from '@tanstack/react-query';
import { ListTable } from '../elements/list-table.js';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useTitle } from '../elements/use-title.js';
import { useClient } from '../lab/lab-context.js';

const PAGE = 100;
const COLUMNS = ['When', 'Who', 'What', 'Of what', 'Outcome', 'Request'].map((title) => ({ title }));

/** What was changed and by whom, newest first. */
export function AuditPage() {
  const client = useClient();
  useTitle('audit log');
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    queryKey: ['audit'],
    queryFn: ({ pageParam }) => client.audit(PAGE, pageParam ?? undefined),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const entries = data?.pages.flatMap(({ items }) => items);
  return (
    <>
      <h1>Audit log</h1>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!entries && !error && <Loading what="the audit log" />}
      {entries?.length === 0 && <p className="empty">Nothing has been changed yet.</p>}
      {entries && entries.length > 0 && (
        <ListTable label="audit log" columns={COLUMNS}>
          {entries.map(({ id, at, member, operation, target, outcome, requestId }) => (
            <tr key={id}>
              <td>
                <time dateTime={at}>{new Date(at).toLocaleString()}</time>
              </td>
              <td>{member ?? '–'}</td>
              <td>{operation}</td>
              <td>
                <code>{target ?? ''}</code>
              </td>
              <td className={outcome === 'done' ? '' : 'warning'}>{outcome}</td>
              <td className="faint">{requestId}</td>
            </tr>
          ))}
        </ListTable>
      )}
      {hasNextPage && (
        <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  );
}
