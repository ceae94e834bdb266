import { Link } from 'wouter';
import { duration } from '@airmeta/charts';
import type { PointLabel, RunListItem } from '@airmeta/client';
import { ProgressBar } from '../elements/progress-bar.js';
import { StateBadge } from '../elements/state-badge.js';

export function RunTable({ runs, points }: { readonly runs: readonly RunListItem[]; readonly points: readonly PointLabel[] }) {
  const labels = new Map(points.map(({ id, label }) => [id, label]));
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="runs">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Point</th>
            <th scope="col" className="number">
              Replicate
            </th>
            <th scope="col">State</th>
            <th scope="col">Rounds</th>
            <th scope="col" className="number">
              Compute time
            </th>
            <th scope="col" className="number">
              Claims
            </th>
            <th scope="col">Remarks</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <th scope="row">
                <Link href={`/runs/${run.id}`}>{labels.get(run.pointId) ?? run.id}</Link>
              </th>
              <td className="number">{run.replicate}</td>
              <td>
                <StateBadge tone={run.state} />
              </td>
              <td>
                <ProgressBar done={run.round} total={run.rounds} label={`round ${run.round} of ${run.rounds}`} />{' '}
                <span className="faint">
                  {run.round} of {run.rounds}
                </span>
              </td>
              <td className="number">{duration(run.computeMs)}</td>
              <td className="number">{run.claims}</td>
              <td>{remarksOf(run)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function remarksOf({ failure, shared, losses }: RunListItem): string {
  return [
    failure ? `${failure.code}: ${failure.message}` : '',
    shared ? 'results of an equal run' : '',
    losses > 0 ? `${losses} ${losses === 1 ? 'attempt' : 'attempts'} lost` : '',
  ]
    .filter(Boolean)
    .join('; ');
}
