/** A progress display: one living line on a terminal, a line now and then elsewhere. */
import { createLogUpdate } from 'log-update';
import { duration } from '@airmeta/charts';

export interface ProgressState {
  readonly done: number;
  readonly total: number;
  readonly details: string;
  /** How much time is left, where somebody knows better than this display; empty when nobody can tell. */
  readonly left?: string;
}

const BAR_WIDTH = 24;
const PLAIN_INTERVAL_MS = 5_000;
const LIVE_INTERVAL_MS = 80;

export class Progress {
  private readonly started = performance.now();
  private readonly display: ReturnType<typeof createLogUpdate>;
  private lastShown = -Infinity;
  private last: ProgressState | undefined;
  private written: ProgressState | undefined;

  /** @param stream where people look; results go to standard output, so this is standard error */
  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {
    this.display = createLogUpdate(stream);
  }

  show(state: ProgressState): void {
    this.last = state;
    if (performance.now() - this.lastShown >= (this.stream.isTTY ? LIVE_INTERVAL_MS : PLAIN_INTERVAL_MS)) this.write(state);
  }

  /** Leaves the last state standing. */
  end(): void {
    if (this.last && (this.stream.isTTY || this.last !== this.written)) this.write(this.last);
    if (this.stream.isTTY) this.display.done();
  }

  private write(state: ProgressState): void {
    const { done, total, details, left } = state;
    this.written = state;
    this.lastShown = performance.now();
    const share = total > 0 ? done / total : 0;
    const elapsed = performance.now() - this.started;
    const own = share > 0.02 && share < 1 ? `about ${duration((elapsed * (1 - share)) / share)} left` : '';
    const line = [`${String(Math.floor(100 * share)).padStart(3)} %  ${details}`, duration(elapsed), left ?? own]
      .filter(Boolean)
      .join(', ');
    if (!this.stream.isTTY) {
      this.stream.write(`${line.trimStart()}\n`);
      return;
    }
    const filled = Math.round(share * BAR_WIDTH);
    this.display(`${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${line}`);
  }
}
