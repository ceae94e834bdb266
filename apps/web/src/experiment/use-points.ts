import { useQuery } from '@tanstack/react-query';
import { experimentKey } from '../lab/experiment-queries.js';
import { useClient } from '../lab/lab-context.js';

/** The points of an experiment; they change only when it is extended. */
export function usePoints(experimentId: string) {
  const client = useClient();
  return useQuery({ queryKey: experimentKey(experimentId, 'points'), queryFn: () => client.points(experimentId), staleTime: 60_000 });
}
