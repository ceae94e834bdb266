import type { ConstantEstimate } from '@airmeta/spec';

/** What was measured for one constant, place by place: evaluated rounds, or rounds. */
export class Figures {
  private readonly values: number[] = [];
  private samples = 0;

  /** @param samples how many numbers are behind the value */
  add(value: number, samples: number): void {
    this.values.push(value);
    this.samples += samples;
  }

  /** @param of which of the figures goes into the bounds */
  estimate(of: 'greatest' | 'mean' | 'first'): ConstantEstimate {
    const { values, samples } = this;
    if (values.length === 0) return { value: 0, least: 0, greatest: 0, samples: 0 };
    const least = values.reduce((a, b) => Math.min(a, b));
    const greatest = values.reduce((a, b) => Math.max(a, b));
    const value = { greatest, first: values[0], mean: values.reduce((sum, each) => sum + each, 0) / values.length }[of];
    return { value, least, greatest, samples };
  }
}
