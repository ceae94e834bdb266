import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import type { RunBody } from '@airmeta/spec';
import { ConfirmButton } from '../elements/confirm-button.js';
import { download } from '../elements/download.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { experimentKey } from '../lab/experiment-queries.js';
import { useLab } from '../lab/lab-context.js';
import { maySteer } from '../lab/may-steer.js';

/** What can be had of a run that has ended, and how to be rid of it. */
export function RunActions({ run }: { readonly run: RunBody }) {
  const { client, caller } = useLab();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const { data: experiment } = useQuery({
    queryKey: experimentKey(run.experimentId, 'summary'),
    queryFn: () => client.experiment(run.experimentId),
  });
  const parameters = useMutation({
    mutationFn: () => client.parameters(run.id),
    onSuccess: (bytes) => download(`${run.id}.safetensors`, 'application/octet-stream', new Uint8Array(bytes)),
  });
  const deletion = useMutation({
    mutationFn: () => client.deleteRun(run.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: experimentKey(run.experimentId) });
      navigate(`/experiments/${run.experimentId}/runs`);
    },
  });
  if (run.state === 'queued' || run.state === 'running') return null;
  const error = parameters.error ?? deletion.error;
  return (
    <>
      <div className="actions">
        {(run.state === 'completed' || run.state === 'diverged') && (
          <button type="button" disabled={parameters.isPending} onClick={() => parameters.mutate()}>
            Download parameters (safetensors)
          </button>
        )}
        {experiment && maySteer(caller, experiment) && (
          <ConfirmButton label="Delete this run" disabled={deletion.isPending} onConfirm={() => deletion.mutate()}>
            The run and its results are deleted; resuming the experiment computes it anew.
          </ConfirmButton>
        )}
      </div>
      {error && <ProblemNotice error={error} />}
    </>
  );
}
