import { memo, useMemo } from 'react';
import { gainsTable, scoresTable, targetText, tradeoffCsv, tradeoffFigure, tradeoffTable } from '@airmeta/charts';
import type { ExperimentSummaryBody, Tradeoff } from '@airmeta/spec';
import { download, fileStem } from '../elements/download.js';
import { Figure } from '../elements/figure.js';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { TextTableView } from '../elements/text-table-view.js';
import { useResults } from '../lab/experiment-queries.js';
import { useClient } from '../lab/lab-context.js';
import { drawnPart } from './drawn-points.js';

export function TradeoffTab({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const client = useClient();
  const { data, error, refetch } = useResults(experiment, ['tradeoff'], () => client.tradeoff(experiment.id));
  if (!data) return error ? <ProblemNotice error={error} onRetry={() => void refetch()} /> : <Loading what="the trade-off" />;
  return <TradeoffView tradeoff={data} />;
}

/** Drawn again when the numbers change, not whenever the experiment tells of its progress. */
const TradeoffView = memo(function TradeoffView({ tradeoff }: { readonly tradeoff: Tradeoff }) {
  const drawn = useMemo(() => drawnPart(tradeoff), [tradeoff]);
  const figure = useMemo(() => tradeoffFigure(drawn), [drawn]);
  const points = tradeoff.rows.length;
  const stem = `${fileStem(tradeoff.name)}-tradeoff`;
  return (
    <>
      <Figure figure={figure} label={`Trade-off of ${tradeoff.name}: rounds to target and new-task scores by point`} stem={stem} />
      {drawn.rows.length < points && (
        <p className="faint">
          {drawn.rows.length} of {points.toLocaleString('en')} points are drawn; the CSV file and <code>airmeta tradeoff --svg</code> have
          all.
        </p>
      )}
      <div className="heading">
        <h2>Numbers</h2>
        <button type="button" onClick={() => download(`${stem}.csv`, 'text/csv', tradeoffCsv(tradeoff))}>
          Download CSV
        </button>
      </div>
      <TextTableView
        table={tradeoffTable(tradeoff)}
        caption={`Means ± 95 % t-interval over n runs, at the last round; target: ${targetText(tradeoff)}`}
      />
      <TextTableView table={scoresTable(tradeoff)} caption="New tasks, by the round at which a run is judged: mean ± 95 % half-width" />
      <TextTableView table={gainsTable(tradeoff)} caption="Gain over the ideal twin: paired differences, point − twin of the same seeds" />
    </>
  );
});
