/** Questions about one experiment, and how long their answers are good. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { RefusedError } from '@airmeta/client';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { useVisible } from '../elements/use-visible.js';
import { useClient } from './lab-context.js';

/** All that is known of one experiment lies below this key. */
export const experimentKey = (id: string, ...rest: readonly unknown[]) => ['experiment', id, ...rest];

/** While runs end, results change. They are asked for again after this long, and longer where there are many to look at. */
const RESULTS_EVERY_MS = 4_000;
const MORE_PER_RUN_MS = 2;

/** Between attempts to reach a server that does not answer. */
const RETRY_MS = 2_000;

/**
 * An experiment as it goes on. A page that nobody sees follows nothing: browsers open six connections to a server, for all of its pages.
 */
export function useExperiment(id: string) {
  const client = useClient();
  const queries = useQueryClient();
  const visible = useVisible();
  const query = useQuery({ queryKey: experimentKey(id, 'summary'), queryFn: () => client.experiment(id) });
  const goesOn = query.data?.state === 'running';

  useEffect(() => {
    if (!goesOn || !visible) return;
    const leaving = new AbortController();
    const askAgain = (...of: readonly string[]) => queries.invalidateQueries({ queryKey: experimentKey(id, ...of) });
    const follow = async () => {
      const options = { events: false, patienceMs: Infinity, retryMs: RETRY_MS, signal: leaving.signal };
      for await (const item of client.follow(id, options)) {
        if (item.kind !== 'progress') continue;
        queries.setQueryData<ExperimentSummaryBody>(experimentKey(id, 'summary'), item.summary);
        if (item.summary.state !== 'running') void askAgain(); // the last results are there now
      }
    };
    const goOn = (): void => {
      follow().catch((error: unknown) => {
        void askAgain('summary'); // the answer says what is wrong, or that nothing is
        if (error instanceof RefusedError && error.problem.status < 500) return; // it is not there any more for this reader
        timer = setTimeout(goOn, RETRY_MS);
      });
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    goOn();
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [client, goesOn, id, queries, visible]);

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
