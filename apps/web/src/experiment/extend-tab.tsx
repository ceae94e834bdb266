import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ExperimentSummaryBody, ExtensionBody } from '@airmeta/spec';
import { ProblemNotice } from '../elements/problem-notice.js';
import { experimentKey } from '../lab/experiment-queries.js';
import { useClient } from '../lab/lab-context.js';
import { sweptAxes, valuesOf } from './swept-axes.js';
import { useSteering } from './use-steering.js';

/** More replicates, rounds or values: what has been computed stays, and longer runs go on where they ended. */
export function ExtendTab({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const client = useClient();
  const [replicates, setReplicates] = useState('');
  const [rounds, setRounds] = useState('');
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const { data } = useQuery({
    queryKey: experimentKey(experiment.id, 'specification'),
    queryFn: () => client.specified(experiment.id),
  });
  const axes = data ? sweptAxes(data.specification) : [];
  const {
    mutate,
    isPending,
    error,
    data: extended,
  } = useSteering(experiment.id, () => client.extend(experiment.id, extensionOf({ replicates, rounds, values })));

  const empty = [replicates, rounds, ...Object.values(values)].every((text) => text.trim() === '');
  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        mutate(undefined);
      }}
    >
      <p className="faint">What has been computed stays; longer runs go on where they ended. What is left empty stays as it is.</p>
      <label>
        Replicates per point (now {experiment.replicates})
        <input
          type="number"
          min={experiment.replicates}
          step={1}
          value={replicates}
          onChange={(event) => setReplicates(event.target.value)}
        />
      </label>
      <label>
        Rounds of every point
        <input type="number" min={1} step={1} value={rounds} onChange={(event) => setRounds(event.target.value)} />
      </label>
      {axes.map((axis) => (
        <label key={axis}>
          More values of {axis}, one a line, as in the specification
          <textarea rows={2} value={values[axis] ?? ''} onChange={(event) => setValues({ ...values, [axis]: event.target.value })} />
        </label>
      ))}
      <div className="actions">
        <button type="submit" className="primary" disabled={isPending || empty}>
          Extend
        </button>
      </div>
      {extended && !error && (
        <p role="status">
          {extended.pointCount} points × {extended.replicates} replicates now: {extended.runCount} runs.
        </p>
      )}
      {error && <ProblemNotice error={error} />}
    </form>
  );
}

interface Entered {
  readonly replicates: string;
  readonly rounds: string;
  readonly values: Readonly<Record<string, string>>;
}

/** @throws InvalidSpecificationError for a value that is no YAML */
function extensionOf({ replicates, rounds, values }: Entered): ExtensionBody {
  const added = Object.entries(values).flatMap(([axis, lines]) => {
    const list = valuesOf(lines);
    return list.length === 0 ? [] : [[axis, list] as const];
  });
  return {
    ...(replicates === '' ? {} : { replicates: Number(replicates) }),
    ...(rounds === '' ? {} : { rounds: Number(rounds) }),
    ...(added.length === 0 ? {} : { values: Object.fromEntries(added) }),
  };
}
