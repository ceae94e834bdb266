import { countsOf, duration, durationBetween } from '@airmeta/charts';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { Moment } from '../elements/moment.js';
import { ProgressBar } from '../elements/progress-bar.js';
import { useLab } from '../lab/lab-context.js';
import { maySteer } from '../lab/may-steer.js';
import { Controls } from './controls.js';
import { ExperimentState } from './experiment-state.js';

/** What an experiment is, how far it is, and what can be done about it. */
export function ExperimentHead({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const { caller } = useLab();
  const { name, description, owner, visibility, tags, notes, createdAt, computeMs, archivedAt } = experiment;
  return (
    <section className="experiment-head">
      <div className="heading">
        <h1>{name}</h1>
        <ExperimentState experiment={experiment} />
      </div>
      {description && <p>{description}</p>}
      <p className="facts">
        {owner !== null && <span>by {owner}</span>}
        {visibility === 'private' && <span>private</span>}
        <span>
          submitted <Moment at={createdAt} />
        </span>
        <span>
          {experiment.pointCount} points × {experiment.replicates} replicates
        </span>
        <span>{duration(computeMs)} of compute time</span>
        {archivedAt !== null && <span>archived</span>}
        {tags.map((tag) => (
          <span key={tag} className="tag">
            {tag}
          </span>
        ))}
      </p>
      {notes && <p className="notes">{notes}</p>}
      <ExperimentProgress experiment={experiment} />
      {maySteer(caller, experiment) && <Controls experiment={experiment} />}
    </section>
  );
}

function ExperimentProgress({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const { roundsDone, roundsTotal, remainingMs } = experiment;
  return (
    <div className="experiment-progress">
      <ProgressBar done={roundsDone} total={roundsTotal} label="rounds done" />
      <p>
        {countsOf(experiment)}; {roundsDone.toLocaleString('en')} of {roundsTotal.toLocaleString('en')} rounds
        {remainingMs !== null && <>; {durationBetween(remainingMs)} left</>}
      </p>
    </div>
  );
}
