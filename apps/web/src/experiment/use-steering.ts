import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { experimentKey } from '../lab/experiment-queries.js';

/** Something done to an experiment: what the lab answers is shown at once, and all that follows from it asked again. */
export function useSteering<Order>(id: string, steer: (order: Order) => Promise<ExperimentSummaryBody>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: steer,
    onSuccess: (summary) => {
      queries.setQueryData(experimentKey(id, 'summary'), summary);
      void queries.invalidateQueries({ queryKey: experimentKey(id) });
      void queries.invalidateQueries({ queryKey: ['experiments'] });
    },
  });
}
