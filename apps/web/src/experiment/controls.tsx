import type { LabClient } from '@airmeta/client';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { ConfirmButton } from '../elements/confirm-button.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useClient } from '../lab/lab-context.js';
import { useSteering } from './use-steering.js';

type Deed = 'pause' | 'resume' | 'stop' | 'cancel' | 'retry';

interface Control {
  readonly deed: Deed;
  readonly label: string;
  /** What will be lost or not be computed, where one should think twice. */
  readonly warning?: string;
}

const PAUSE: Control = { deed: 'pause', label: 'Pause' };
const RESUME: Control = { deed: 'resume', label: 'Resume' };
const RETRY: Control = { deed: 'retry', label: 'Retry failed runs' };
const STOP: Control = {
  deed: 'stop',
  label: 'Stop',
  warning: 'Running runs go on to their end; queued ones are cancelled. Resuming queues them again.',
};
const CANCEL: Control = {
  deed: 'cancel',
  label: 'Cancel',
  warning: 'Running runs end within a round and queued ones are cancelled; results that there are stay. Resuming queues them again.',
};

/** What can be done about an experiment as it is. */
function controlsFor({ state, hold, ending, runs, runCount }: ExperimentSummaryBody): Control[] {
  const failed = runs.failed > 0 ? [RETRY] : [];
  if (state === 'running') {
    if (ending !== null) return ending === 'cancel' ? [RESUME] : [RESUME, CANCEL];
    return [hold === null ? PAUSE : RESUME, ...failed, STOP, CANCEL];
  }
  const without = runs.completed + runs.diverged < runCount || state !== 'finished'; // some may have been deleted
  return [...(without ? [RESUME] : []), ...(state === 'finished' ? failed : [])];
}

function perform(client: LabClient, id: string, deed: Deed): Promise<ExperimentSummaryBody> {
  return client[deed](id);
}

export function Controls({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const client = useClient();
  const { mutate, isPending, error } = useSteering(experiment.id, (deed: Deed) => perform(client, experiment.id, deed));
  return (
    <>
      <div className="actions">
        {controlsFor(experiment).map(({ deed, label, warning }) =>
          warning === undefined ? (
            <button key={deed} type="button" disabled={isPending} onClick={() => mutate(deed)}>
              {label}
            </button>
          ) : (
            <ConfirmButton key={deed} label={label} disabled={isPending} onConfirm={() => mutate(deed)}>
              {warning}
            </ConfirmButton>
          ),
        )}
      </div>
      {error && <ProblemNotice error={error} />}
    </>
  );
}
