import { useQuery } from '@tanstack/react-query';
import { byteSize, type RunBody } from '@airmeta/spec';
import { ListTable } from '../elements/list-table.js';
import { Moment } from '../elements/moment.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useClient } from '../lab/lab-context.js';
const COLUMNS = [
  { title: 'Attempt', number: true },
  { title: 'From round', number: true },
  { title: 'Began' },
  { title: 'Ended' },
  { title: 'As' },
  { title: 'Checkpoint' },
  { title: 'Worker' },
] as const;

/** Claims of a run by workers, and what became of each. */
export function Attempts({ run }: { readonly run: RunBody }) {
  const client = useClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['run', run.id, 'attempts', run.claims, run.state],
    queryFn: () => client.attempts(run.id),
  });
  if (error) return <ProblemNotice error={error} onRetry={() => void refetch()} />;
  if (data?.length === 0)
    return <p className="empty">{run.shared ? 'It has the results of an equal run.' : 'No worker has claimed it yet.'}</p>;
  return (
    <ListTable label="attempts" columns={COLUMNS}>
      {data?.map(({ fence, fromRound, refusedCheckpointBytes, startedAt, endedAt, end, workerId }) => (
        <tr key={fence}>
          <td className="number">{fence}</td>
          <td className="number">{fromRound}</td>
          <td>
            <Moment at={startedAt} />
          </td>
          <td>{endedAt === null ? '' : <Moment at={endedAt} />}</td>
          <td>{end ?? 'running'}</td>
          <td>{refusedCheckpointBytes === null ? '' : `too large to be kept: ${byteSize(refusedCheckpointBytes)}`}</td>
          <td>
            <code>{workerId ?? '–'}</code>
          </td>
        </tr>
      ))}
    </ListTable>
  );
}
