/** Questions about one experiment, and how long their answers are good. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { useClient } from './lab-context.js';

/** All that is known of one experiment lies below this key. */
export const experimentKey = (id: string, ...rest: readonly unknown[]) => ['experiment', id, ...rest];

/** While runs end, results change. They are asked for again after this long, and longer where there are many to look at. */
const RESULTS_EVERY_MS = 4_000;
const MORE_PER_RUN_MS = 2;

/** An experiment as it goes on. */
export function useExperiment(id: string) {
  const client = useClient();
  const queries = useQueryClient();
  const query = useQuery({ queryKey: experimentKey(id, 'summary'), queryFn: () => client.experiment(id) });
  const goesOn = query.data?.state === 'running';

  useEffect(() => {
    if (!goesOn) return;
    const leaving = new AbortController();
    const follow = async () => {
      for await (const item of client.follow(id, { events: false, signal: leaving.signal })) {
        if (item.kind === 'progress') queries.setQueryData<ExperimentSummaryBody>(experimentKey(id, 'summary'), item.summary);
      }
      if (!leaving.signal.aborted) await queries.invalidateQueries({ queryKey: experimentKey(id) });
    };
    follow().catch(() => queries.invalidateQueries({ queryKey: experimentKey(id, 'summary') })); // asking again says what is wrong
    return () => leaving.abort();
  }, [client, goesOn, id, queries]);

  return query;
}

/** What is computed from an experiment's runs: asked for again while it goes on, as often as runs have ended since. */
export function useResults<T>(experiment: ExperimentSummaryBody, key: readonly unknown[], ask: () => Promise<T>) {
  return useQuery({
    queryKey: experimentKey(experiment.id, ...key),
    queryFn: ask,
    placeholderData: keepPreviousData,
    refetchInterval: experiment.state === 'running' ? RESULTS_EVERY_MS + MORE_PER_RUN_MS * experiment.runCount : false,
  });
}
