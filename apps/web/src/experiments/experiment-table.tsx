import { Link } from 'wouter';
import { durationBetween } from '@airmeta/charts';
import type { ExperimentSummaryBody } from '@airmeta/spec';
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
    <div className="scroll" tabIndex={0} role="region" aria-label="experiments">
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Experiment</th>
            {showOwner && <th scope="col">Owner</th>}
            <th scope="col">State</th>
            <th scope="col">Rounds done</th>
            <th scope="col" className="number">
              Runs done
            </th>
            <th scope="col">Left</th>
            <th scope="col">Submitted</th>
          </tr>
        </thead>
        <tbody>
          {experiments.map((experiment) => (
            <Row key={experiment.id} experiment={experiment} showOwner={showOwner} onTag={onTag} />
          ))}
        </tbody>
      </table>
    </div>
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
