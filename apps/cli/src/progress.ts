/** A progress display: one living block on a terminal, a line now and then elsewhere. */
import logUpdate from 'log-update';

export interface ProgressState {
  readonly done: number;
  readonly total: number;
  readonly details: string;
}

const BAR_WIDTH = 30;
const PLAIN_INTERVAL_MS = 5_000;

function seconds(ms: number): string {
  const total = Math.round(ms / 1000);
  return total < 60 ? `${total} s` : `${Math.floor(total / 60)} min ${total % 60} s`;
}

export class Progress {
  private readonly started = performance.now();
  private lastPlain = -Infinity;

  /** @param stream where people look; results go to standard output, so this is standard error */
  constructor(private readonly stream: NodeJS.WriteStream = process.stderr) {}

  show({ done, total, details }: ProgressState): void {
    const share = total > 0 ? done / total : 0;
    const elapsed = performance.now() - this.started;
    const left = share > 0.02 && share < 1 ? `, about ${seconds((elapsed * (1 - share)) / share)} left` : '';
    const line = `${(100 * share).toFixed(0).padStart(3)} %  ${details}  ${seconds(elapsed)}${left}`;
    if (this.stream.isTTY) {
      const filled = Math.round(share * BAR_WIDTH);
      this.update(`[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${line}`);
    } else if (performance.now() - this.lastPlain >= PLAIN_INTERVAL_MS || share === 1) {
      this.lastPlain = performance.now();
      this.stream.write(`${line}\n`);
    }
  }

  /** Leaves the last state standing. */
  end(): void {
    if (this.stream.isTTY) this.display.done();
  }

  private readonly display = logUpdate;

  private update(text: string): void {
    this.display(text);
  }
}
