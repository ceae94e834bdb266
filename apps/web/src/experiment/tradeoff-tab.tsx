import { memo, useMemo, useState } from 'react';
import {
  caveatLines,
  gainsTable,
  physicalTable,
  roundsTable,
  scoresTable,
  tradeoffCsv,
  tradeoffFigure,
  tradeoffNotes,
  tradeoffTable,
  TWIN_NAMES,
} from '@airmeta/charts';
import type { ComparedWith, ExperimentSummaryBody, Tradeoff } from '@airmeta/spec';
import { download, fileStem } from '../elements/download.js';
import { Figure } from '../elements/figure.js';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { TextTableView } from '../elements/text-table-view.js';
import { useResults } from '../lab/experiment-queries.js';
import { useClient } from '../lab/lab-context.js';
import { AgainstChoice } from './against-choice.js';
import { Caveats } from './caveats.js';
import { drawnPart } from './drawn-points.js';

export function TradeoffTab({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const client = useClient();
  const [against, setAgainst] = useState<ComparedWith>('ideal');
  const { data, error, refetch, isPlaceholderData } = useResults(experiment, ['tradeoff', against], () =>
    client.tradeoff(experiment.id, against),
  );
  return (
    <>
      <AgainstChoice against={against} onChoose={setAgainst} />
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading what="the trade-off" />}
      {data && !(error && isPlaceholderData) && (
        <div className={isPlaceholderData ? 'late' : undefined}>
          <TradeoffView tradeoff={data} />
        </div>
      )}
    </>
  );
}

/** Drawn again when the numbers change, not whenever the experiment tells of its progress. */
const TradeoffView = memo(function TradeoffView({ tradeoff }: { readonly tradeoff: Tradeoff }) {
  const drawn = useMemo(() => drawnPart(tradeoff), [tradeoff]);
  const figure = useMemo(() => tradeoffFigure(drawn), [drawn]);
  const physical = useMemo(() => physicalTable(tradeoff), [tradeoff]);
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
      <TextTableView table={tradeoffTable(tradeoff)} caption={tradeoffNotes(tradeoff).join('; ')} />
      <Caveats lines={caveatLines(tradeoff)} />
      <TextTableView table={roundsTable(tradeoff)} caption="Rounds to target, between two evaluations, with a 95 % interval" />
      <TextTableView table={scoresTable(tradeoff)} caption="New tasks, by the round at which a run is judged: mean ± 95 % half-width" />
      <TextTableView
        table={gainsTable(tradeoff)}
        caption={`Gain over ${TWIN_NAMES[tradeoff.against]}: paired differences, point − twin of the same seeds`}
      />
      {physical.rows.length > 0 && <TextTableView table={physical} caption="How updates arrived, and what it took" />}
    </>
  );
});
