import { Link } from 'wouter';
import { duration } from '@airmeta/charts';
import type { PointLabel, RunListItem } from '@airmeta/client';
import { ListTable } from '../elements/list-table.js';
import { ProgressBar } from '../elements/progress-bar.js';
import { StateBadge } from '../elements/state-badge.js';
const COLUMNS = [
  { title: 'Point' },
  { title: 'Replicate', number: true },
  { title: 'State' },
  { title: 'Rounds' },
  { title: 'Compute time', number: true },
  { title: 'Claims', number: true },
  { title: 'Remarks' },
] as const;

export function RunTable({ runs, points }: { readonly runs: readonly RunListItem[]; readonly points: readonly PointLabel[] }) {
  const labels = new Map(points.map(({ id, label }) => [id, label]));
  return (
    <ListTable label="runs" columns={COLUMNS}>
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
    </ListTable>
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
