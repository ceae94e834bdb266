/** A family alone, with everything else left out, learns: within a quarter of the default rounds, over the air and under the ideal uplink. */
import { openLearnerEngines, type LearnerEngines } from '@airmeta/learning';
import { pointSchema } from '@airmeta/spec';
import { beforeAll, describe, expect, it } from 'vitest';
import { simulate } from './simulate.js';

const SMALL = { rounds: 250, evaluate: { every: 125, newTasks: 20, newAgents: 10 } };

/** Wide models are where steps are too large first, and only regression has inputs without bound. */
const WIDE = { model: { kind: 'mlp', hidden: [128, 128] }, uplink: { kind: 'ideal' } };
const TINY = { model: { kind: 'mlp', hidden: [8] } };

describe('a family alone', () => {
  let engines: LearnerEngines;

  beforeAll(async () => {
    engines = await openLearnerEngines();
  });

  it.each([
    ...['sinusoid', 'linear', 'gaussian-mixture', 'glyphs'].flatMap((family) => [
      [family, 'everything left out', {}] as const,
      [family, 'a small model', TINY] as const,
    ]),
    ...['sinusoid', 'linear'].map((family) => [family, 'a wide model under the ideal uplink', WIDE] as const),
  ])('%s learns with %s', async (family, _, section) => {
    const losses: (number | null)[] = [];
    const steps = simulate({ config: pointSchema.parse({ task: { family }, ...section, ...SMALL }), seed: 1, engines });
    for (;;) {
      const step = await steps.next();
      if (step.done) {
        expect(step.value).toEqual({ kind: 'completed', rounds: SMALL.rounds });
        break;
      }
      if (step.value.kind === 'record') losses.push(step.value.record.metrics.trainLoss);
    }
    const [first, , last] = losses;
    expect(last).toBeLessThan(0.98 * (first ?? 0));
  });
});
