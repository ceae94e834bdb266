import { Link } from 'wouter';
import { durationBetween } from '@airmeta/charts';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { ListTable } from '../elements/list-table.js';
import { Moment } from '../elements/moment.js';
import { ProgressBar } from '../elements/progress-bar.js';
import { ExperimentState } from '../experiment/experiment-state.js';

interface ExperimentTableProps {
  readonly experiments: readonly ExperimentSummaryBody[];
  readonly showOwner: boolean;
  readonly onTag: (tag: string) => void;
}

export function ExperimentTable({ experiments, showOwner, onTag }: ExperimentTableProps) {
  return (
    <ListTable
      label="experiments"
      columns={[
        { title: 'Experiment' },
        ...(showOwner ? [{ title: 'Owner' }] : []),
        { title: 'State' },
        { title: 'Rounds done' },
        { title: 'Runs done', number: true },
        { title: 'Left' },
        { title: 'Submitted' },
      ]}
    >
      {experiments.map((experiment) => (
        <Row key={experiment.id} experiment={experiment} showOwner={showOwner} onTag={onTag} />
      ))}
    </ListTable>
  );
}

interface RowProps {
  readonly experiment: ExperimentSummaryBody;
  readonly showOwner: boolean;
  readonly onTag: (tag: string) => void;
}

function Row({ experiment, showOwner, onTag }: RowProps) {
  const { id, name, description, owner, visibility, tags, runs, runCount, roundsDone, roundsTotal, remainingMs, createdAt } = experiment;
  const trouble = runs.failed + runs.diverged;
  return (
    <tr>
      <th scope="row">
        <Link href={`/experiments/${id}`}>{name}</Link>
        {tags.map((tag) => (
          <button key={tag} type="button" className="tag" title={`Only experiments tagged ${tag}`} onClick={() => onTag(tag)}>
            {tag}
          </button>
        ))}
        {description && <p className="faint clipped">{description}</p>}
      </th>
      {showOwner && (
        <td>
          {owner ?? '–'}
          {visibility === 'private' && <span className="faint"> (private)</span>}
        </td>
      )}
      <td>
        <ExperimentState experiment={experiment} />
      </td>
      <td>
        <ProgressBar done={roundsDone} total={roundsTotal} label={`rounds of ${name}`} />
      </td>
      <td className="number">
        {runs.completed + runs.diverged} of {runCount}
        {trouble > 0 && (
          <p className="warning">
            {[runs.diverged > 0 ? `${runs.diverged} diverged` : '', runs.failed > 0 ? `${runs.failed} failed` : '']
              .filter(Boolean)
              .join(', ')}
          </p>
        )}
      </td>
      <td>{remainingMs === null ? '' : durationBetween(remainingMs)}</td>
      <td>
        <Moment at={createdAt} />
      </td>
    </tr>
  );
}
