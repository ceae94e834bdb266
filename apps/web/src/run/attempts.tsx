import { useQuery } from '@tanstack/react-query';
import type { RunBody } from '@airmeta/spec';
import { Moment } from '../elements/moment.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useClient } from '../lab/lab-context.js';

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
    <div className="scroll" tabIndex={0} role="region" aria-label="attempts">
      <table className="list">
        <thead>
          <tr>
            <th scope="col" className="number">
              Attempt
            </th>
            <th scope="col" className="number">
              From round
            </th>
            <th scope="col">Began</th>
            <th scope="col">Ended</th>
            <th scope="col">As</th>
            <th scope="col">Worker</th>
          </tr>
        </thead>
        <tbody>
          {data?.map(({ fence, fromRound, startedAt, endedAt, end, workerId }) => (
            <tr key={fence}>
              <td className="number">{fence}</td>
              <td className="number">{fromRound}</td>
              <td>
                <Moment at={startedAt} />
              </td>
              <td>{endedAt === null ? '' : <Moment at={endedAt} />}</td>
              <td>{end ?? 'running'}</td>
              <td>
                <code>{workerId ?? '–'}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
