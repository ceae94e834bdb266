/** Times the parts of a simulation from outside. */
import { STAGES, type Stage, type StageObserver } from '@airmeta/simulation';

/** Milliseconds by stage; a stage that did not occur is 0. */
export type StageTimes = Readonly<Record<Stage, number>>;

const noTimes = () => Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>;

export class StageClock {
  private times = noTimes();
  private running: Stage | null = null;
  private since = 0;

  /** To be handed to `simulate`. */
  readonly observe: StageObserver = (stage) => {
    const now = performance.now();
    if (this.running) this.times[this.running] += now - this.since;
    this.running = stage;
    this.since = now;
  };

  /** What has passed since the last call. */
  take(): StageTimes {
    const taken = this.times;
    this.times = noTimes();
    return taken;
  }
}
