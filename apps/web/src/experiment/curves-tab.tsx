import { memo, useMemo, useState } from 'react';
import { curvesFigure } from '@airmeta/charts';
import { MAX_CURVE_POINTS, type ExperimentSummaryBody, type LearningCurves } from '@airmeta/spec';
import { fileStem } from '../elements/download.js';
import { Figure } from '../elements/figure.js';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useResults } from '../lab/experiment-queries.js';
import { useClient } from '../lab/lab-context.js';
import { usePoints } from './use-points.js';

export function CurvesTab({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const client = useClient();
  const [chosen, setChosen] = useState<readonly number[]>();
  const { data, error, refetch } = useResults(experiment, ['curves', chosen], () => client.learningCurves(experiment.id, chosen));
  const shown = useMemo(() => chosen ?? data?.points.map(({ pointIndex }) => pointIndex) ?? [], [chosen, data]);
  if (!data) return error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : <Loading what="the curves" />;
  return (
    <>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      <CurvesView curves={data} />
      <PointChoice experimentId={experiment.id} shown={shown} onChoose={setChosen} />
    </>
  );
}

function CurvesView({ curves }: { readonly curves: LearningCurves }) {
  const figure = useMemo(() => curvesFigure(curves), [curves]);
  return <Figure figure={figure} label={`Learning curves of ${curves.name}`} stem={`${fileStem(curves.name)}-curves`} />;
}

interface PointChoiceProps {
  readonly experimentId: string;
  readonly shown: readonly number[];
  readonly onChoose: (points: readonly number[]) => void;
}

/** Which points are drawn: as many as a picture can hold. There may be thousands to choose from. */
const PointChoice = memo(function PointChoice({ experimentId, shown, onChoose }: PointChoiceProps) {
  const { data: points } = usePoints(experimentId);
  if (!points || points.length < 2) return null;
  const full = shown.length >= MAX_CURVE_POINTS;
  return (
    <fieldset className="choices">
      <legend>
        Points drawn ({shown.length} of {points.length}
        {full ? '; no more fit in one picture' : ''})
      </legend>
      {points.map(({ index, label }) => {
        const checked = shown.includes(index);
        return (
          <label key={index} className="inline">
            <input
              type="checkbox"
              checked={checked}
              disabled={checked ? shown.length === 1 : full}
              onChange={() => onChoose(checked ? shown.filter((other) => other !== index) : [...shown, index].sort((a, b) => a - b))}
            />
            {label}
          </label>
        );
      })}
    </fieldset>
  );
});
