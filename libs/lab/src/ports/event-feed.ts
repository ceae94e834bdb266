/** What happens to experiments, in order. */
import type { JsonValue } from '@airmeta/spec';

export type ExperimentEventType =
  | 'experiment-created'
  | 'run-started'
  | 'run-requeued'
  | 'run-completed'
  | 'run-diverged'
  | 'run-failed'
  | 'run-cancelled'
  | 'experiment-cancel-requested'
  | 'experiment-stop-requested'
  | 'experiment-paused'
  | 'experiment-held'
  | 'experiment-resumed'
  | 'experiment-extended'
  | 'experiment-changed'
  | 'experiment-finished'
  | 'run-deleted'
  | 'runs-shared';

/** Events of one experiment are numbered 1, 2, 3, ... without gaps, in commit order. */
export interface ExperimentEvent {
  readonly experimentId: string;
  readonly sequence: number;
  readonly type: ExperimentEventType;
  readonly runId: string | null;
  readonly data: JsonValue;
  readonly at: Date;
}

export interface EventFeed {
  /** Events after `sequence`, oldest first, at most `limit`. */
  eventsAfter(experimentId: string, sequence: number, limit: number): Promise<ExperimentEvent[]>;
}
