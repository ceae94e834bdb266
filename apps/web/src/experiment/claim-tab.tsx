import { useState } from 'react';
import { claimCaveatLines, claimNote, claimTable } from '@airmeta/charts';
import {
  DEFAULT_ROUND_BUDGET,
  DEFAULT_TRADEOFF_ROWS,
  MAX_ROUND_BUDGET,
  type ComparedWith,
  type ExperimentSummaryBody,
} from '@airmeta/spec';
import { Loading } from '../elements/loading.js';
import { Pager } from '../elements/pager.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { TextTableView } from '../elements/text-table-view.js';
import { useResults } from '../lab/experiment-queries.js';
import { useClient } from '../lab/lab-context.js';
import { AgainstChoice } from './against-choice.js';
import { Caveats } from './caveats.js';

const percentOf = (share: number) => Number((100 * share).toPrecision(12));

/** Whether a worse channel buys better new-task scores within a budget of extra rounds. */
export function ClaimTab({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const client = useClient();
  const [written, setWritten] = useState(String(percentOf(DEFAULT_ROUND_BUDGET)));
  const [isValid, setIsValid] = useState(true);
  const [budget, setBudget] = useState(DEFAULT_ROUND_BUDGET);
  const [against, setAgainst] = useState<ComparedWith>('ideal');
  const [offset, setOffset] = useState(0);
  const { data, error, refetch, isPlaceholderData } = useResults(experiment, ['claim', budget, against, offset], () =>
    client.claimPage(experiment.id, budget, { against, offset }),
  );
  const choose = (chosen: ComparedWith) => {
    setAgainst(chosen);
    setOffset(0);
  };
  return (
    <>
      <AgainstChoice against={against} onChoose={choose} />
      <label className="inline">
        Budget of extra rounds
        <input
          type="number"
          min={0}
          max={percentOf(MAX_ROUND_BUDGET)}
          step="any"
          required
          aria-invalid={!isValid}
          value={written}
          onChange={({ target }) => {
            setWritten(target.value);
            setIsValid(target.validity.valid);
            if (target.validity.valid) setBudget(target.valueAsNumber / 100);
          }}
        />
        %
      </label>
      {!isValid && (
        <p className="fault" role="alert">
          This is no budget: write a number from 0 to {percentOf(MAX_ROUND_BUDGET).toLocaleString('en')}.
        </p>
      )}
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading what="the claim" />}
      {data && !(error && isPlaceholderData) && (
        <div className={isValid && !isPlaceholderData ? undefined : 'late'}>
          <p className={`verdict ${data.verdict}`}>{data.sentence}</p>
          {data.rows.length > 0 && <TextTableView table={claimTable(data)} caption={claimNote(data)} />}
          <Caveats lines={claimCaveatLines(data)} />
          <Pager what="points" total={data.rowCount} size={DEFAULT_TRADEOFF_ROWS} offset={offset} onTurn={setOffset} />
        </div>
      )}
    </>
  );
}
