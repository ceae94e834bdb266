import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { datasetSentence, type ExperimentPreviewBody } from '@airmeta/spec';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useClient } from '../lab/lab-context.js';
import { useDelayed } from './use-delayed.js';

const DELAY_MS = 400;
const SHOWN_POINTS = 200;

/** What a specification would run, or what is wrong with it, while it is written. */
export function Preview({ text }: { readonly text: string }) {
  const client = useClient();
  const asked = useDelayed(text, DELAY_MS);
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ['preview', asked],
    queryFn: ({ signal }) => client.preview(asked, { signal }),
    gcTime: 0, // thousands of points, once for every pause in writing
    enabled: asked.trim() !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
  const late = asked !== text || isPlaceholderData;
  return (
    <section className={late ? 'preview late' : 'preview'} aria-label="preview" aria-live="polite">
      {asked.trim() === '' ? (
        <p className="empty">Write a specification, or begin with an example.</p>
      ) : error ? (
        <ProblemNotice error={error} />
      ) : data ? (
        <Counts preview={data} />
      ) : null}
    </section>
  );
}

const whole = (value: number) => value.toLocaleString('en');

function Counts({ preview }: { readonly preview: ExperimentPreviewBody }) {
  const {
    name,
    pointCount,
    twinCount,
    matchedTwinCount,
    replicates,
    runCount,
    roundsTotal,
    metaGradientsTotal,
    points,
    cautions,
    datasets,
  } = preview;
  return (
    <>
      <h2>{name}</h2>
      <dl>
        <dt>Points</dt>
        <dd>
          {whole(pointCount)} ({whole(twinCount)} {twinCount === 1 ? 'is an ideal twin' : 'are ideal twins'}
          {matchedTwinCount > 0 ? `, ${whole(matchedTwinCount)} gain-matched` : ''})
        </dd>
        <dt>Replicates</dt>
        <dd>{whole(replicates)}</dd>
        <dt>Runs</dt>
        <dd>{whole(runCount)}</dd>
        <dt>Rounds</dt>
        <dd>{whole(roundsTotal)}</dd>
        <dt>Meta-gradients</dt>
        <dd>{whole(metaGradientsTotal)}</dd>
      </dl>
      {cautions.map(({ message, points: about }) => (
        <p key={message} className="problem">
          Caution: {message}
          {about.length < pointCount && ` (${whole(about.length)} of ${whole(pointCount)} points)`}
        </p>
      ))}
      {datasets.map((dataset) => (
        <section key={`${dataset.fingerprint} ${dataset.name}`} aria-label={`data set ${dataset.name}`}>
          <p>{datasetSentence(dataset)}</p>
          {dataset.warnings.map((warning) => (
            <p key={warning}>Warning: {warning}</p>
          ))}
        </section>
      ))}
      <details>
        <summary>Points</summary>
        <ol start={0}>
          {points.slice(0, SHOWN_POINTS).map(({ index, label }) => (
            <li key={index}>{label}</li>
          ))}
        </ol>
        {points.length > SHOWN_POINTS && <p>and {whole(points.length - SHOWN_POINTS)} more</p>}
      </details>
    </>
  );
}
