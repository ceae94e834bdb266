import { useMutation } from '@tanstack/react-query';
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
import { DEFAULT_TRADEOFF_ROWS, type ComparedWith, type ExperimentSummaryBody, type Tradeoff } from '@airmeta/spec';
import { download, fileStem } from '../elements/download.js';
import { Figure } from '../elements/figure.js';
import { Loading } from '../elements/loading.js';
import { Pager } from '../elements/pager.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { TextTableView } from '../elements/text-table-view.js';
import { useResults } from '../lab/experiment-queries.js';
import { useClient } from '../lab/lab-context.js';
import { AgainstChoice } from './against-choice.js';
import { Caveats } from './caveats.js';

/** A page of rows, and the same with the rows of its twins, for a picture. */
interface ShownRows {
  readonly page: Tradeoff;
  readonly drawn: Tradeoff;
}

export function TradeoffTab({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const client = useClient();
  const [against, setAgainst] = useState<ComparedWith>('ideal');
  const [offset, setOffset] = useState(0);
  const { data, error, refetch, isPlaceholderData } = useResults(
    experiment,
    ['tradeoff', against, offset],
    async (): Promise<ShownRows> => {
      const page = await client.tradeoffPage(experiment.id, { against, offset });
      return { page, drawn: await client.withTwins(page) };
    },
  );
  const choose = (chosen: ComparedWith) => {
    setAgainst(chosen);
    setOffset(0);
  };
  return (
    <>
      <AgainstChoice against={against} onChoose={choose} />
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading what="the trade-off" />}
      {data && !(error && isPlaceholderData) && (
        <div className={isPlaceholderData ? 'late' : undefined}>
          <TradeoffView shown={data} />
          <Pager what="points" total={data.page.rowCount} size={DEFAULT_TRADEOFF_ROWS} offset={offset} onTurn={setOffset} />
        </div>
      )}
    </>
  );
}

/** The file has every point; those that are not shown are asked for when it is wanted. */
function DownloadCsv({ page, stem }: { readonly page: Tradeoff; readonly stem: string }) {
  const client = useClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      const whole = page.rows.length === page.rowCount ? page : await client.tradeoff(page.experimentId, page.against);
      download(`${stem}.csv`, 'text/csv', tradeoffCsv(whole));
    },
  });
  return (
    <>
      <button type="button" disabled={isPending} onClick={() => mutate()}>
        {isPending ? 'Reading all points …' : 'Download CSV'}
      </button>
      {error && <ProblemNotice error={error} onRetry={() => mutate()} />}
    </>
  );
}

/** Drawn again when the numbers change, not whenever the experiment tells of its progress. */
const TradeoffView = memo(function TradeoffView({ shown: { page: tradeoff, drawn } }: { readonly shown: ShownRows }) {
  const figure = useMemo(() => tradeoffFigure(drawn), [drawn]);
  const physical = useMemo(() => physicalTable(tradeoff), [tradeoff]);
  const stem = `${fileStem(tradeoff.name)}-tradeoff`;
  return (
    <>
      <Figure figure={figure} label={`Trade-off of ${tradeoff.name}: rounds to target and new-task scores by point`} stem={stem} />
      <div className="heading">
        <h2>Numbers</h2>
        <DownloadCsv page={tradeoff} stem={stem} />
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
