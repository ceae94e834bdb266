import { randomStream } from '@airmeta/numerics';
import { describe, expect, it } from 'vitest';

import { ClassTuples } from './class-tuples.js';
import { logDirichlet, logGamma } from './dirichlet.js';

const DRAWS = 40_000;

describe('gamma variates', () => {
  it.each([0.2, 0.9, 1, 3.5, 40])('of shape %f have mean and variance of that shape', (shape) => {
    // 6 standard errors; those of the mean and of the variance of n draws: sqrt(shape/n), sqrt((6 shape + 2 shape^2)/n).
    const stream = randomStream(1, 'tasks');
    const draws = Array.from({ length: DRAWS }, () => Math.exp(logGamma(stream, shape)));
    const mean = draws.reduce((sum, value) => sum + value, 0) / DRAWS;
    const variance = draws.reduce((sum, value) => sum + (value - shape) ** 2, 0) / DRAWS;
    expect(Math.abs(mean - shape)).toBeLessThan(6 * Math.sqrt(shape / DRAWS));
    expect(Math.abs(variance - shape)).toBeLessThan(6 * Math.sqrt((6 * shape + 2 * shape ** 2) / DRAWS));
  });

  it('have finite, distinct logarithms where they themselves are all zero', () => {
    const logs = logDirichlet(randomStream(2, 'tasks'), 1e-4, 50);
    expect(logs.every(Number.isFinite)).toBe(true);
    expect(new Set(logs).size).toBe(50);
    expect(logs.every((value) => Math.exp(value) < 1e-9)).toBe(true);
  });
});

describe('class probabilities of agents', () => {
  it.each([0.1, 1, 10])('under Dirichlet(%f) coincide in two draws as often as they should', (concentration) => {
    // E[sum p^2] = (beta + 1)/(C beta + 1), over agents with probabilities of their own; binomial, 5 standard deviations.
    const classes = Array.from({ length: 6 }, (_, number) => ({ number, group: '' }));
    const rule = { ways: 1, classesPerAgent: null, alphabetsPerAgent: null, dirichlet: concentration };
    const tuples = new ClassTuples(3, classes, rule);
    const agents = 4000;
    let same = 0;
    for (let agent = 0; agent < agents; agent++) {
      const [first, second] = [0, 1].map((round) => tuples.ofAgent(agent, { agent, round, step: 1 })[0].number);
      if (first === second) same++;
    }
    const expected = (concentration + 1) / (6 * concentration + 1);
    expect(Math.abs(same / agents - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / agents));
  });
});
