import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { architectureOf } from './architecture.js';
import { scoreOutputs } from './score.js';

const classifier = (outputSize: number) => architectureOf({ kind: 'linear' }, { inputSize: 1, outputSize, loss: 'cross-entropy' });
const regressor = (outputSize: number) => architectureOf({ kind: 'linear' }, { inputSize: 1, outputSize, loss: 'mean-squared-error' });
const labelled = (...labels: number[]) => ({ size: labels.length, x: new Float32Array(labels.length), y: Int32Array.from(labels) });

const logits = fc.float({ min: -20, max: 20, noNaN: true });

describe('cross-entropy scores', () => {
  it('are the mean of -log softmax at the label, and the share of largest logits there', () => {
    const batches = fc.integer({ min: 1, max: 6 }).chain((classes) =>
      fc.array(fc.record({ row: fc.array(logits, { minLength: classes, maxLength: classes }), label: fc.nat(classes - 1) }), {
        minLength: 1,
        maxLength: 8,
      }),
    );
    fc.assert(
      fc.property(batches, (samples) => {
        const { loss, accuracy } = scoreOutputs(
          classifier(samples[0].row.length),
          Float32Array.from(samples.flatMap(({ row }) => row)),
          0,
          labelled(...samples.map(({ label }) => label)),
        );
        const losses = samples.map(({ row, label }) => Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[label]);
        const correct = samples.filter(({ row, label }) => row.indexOf(Math.max(...row)) === label);
        expect(loss).toBeCloseTo(losses.reduce((sum, value) => sum + value, 0) / samples.length, 10);
        expect(accuracy).toBe(correct.length / samples.length);
      }),
    );
  });

  it('give ties to the lowest index', () => {
    const outputs = Float32Array.of(1, 3, 3, 0, 0, 0);
    expect(scoreOutputs(classifier(3), outputs, 0, labelled(1, 0)).accuracy).toBe(1);
    expect(scoreOutputs(classifier(3), outputs, 0, labelled(2, 1)).accuracy).toBe(0);
  });

  it('of equal logits are log(number of classes)', () => {
    expect(scoreOutputs(classifier(5), new Float32Array(5).fill(7), 0, labelled(3)).loss).toBeCloseTo(Math.log(5), 14);
  });

  it('survive logits whose exponentials do not', () => {
    const { loss } = scoreOutputs(classifier(2), Float32Array.of(1e4, -1e4, -2e30, 3e30), 0, labelled(0, 1));
    expect(loss).toBe(0);
    expect(scoreOutputs(classifier(2), Float32Array.of(1e4, -1e4), 0, labelled(1)).loss).toBe(2e4);
  });

  it('are not finite when an output is not, so that divergence shows', () => {
    expect(scoreOutputs(classifier(2), Float32Array.of(NaN, 1), 0, labelled(1)).loss).toBeNaN();
    expect(scoreOutputs(regressor(1), Float32Array.of(Infinity), 0, { size: 1, x: new Float32Array(1), y: Float32Array.of(1) }).loss).toBe(
      Infinity,
    );
  });

  it('start reading at an offset', () => {
    const outputs = Float32Array.of(9, 0, 0, 2);
    expect(scoreOutputs(classifier(2), outputs, 2, labelled(1))).toEqual(scoreOutputs(classifier(2), outputs.slice(2), 0, labelled(1)));
  });
});

describe('mean squared error scores', () => {
  it('average over samples and outputs, without the factor 1/2, and have no accuracy', () => {
    const batch = { size: 2, x: new Float32Array(2), y: Float32Array.of(1, 2, 3, 4) };
    // Errors 1, 0, -2, 4: squares 1, 0, 4, 16 over four numbers.
    expect(scoreOutputs(regressor(2), Float32Array.of(2, 2, 1, 8), 0, batch)).toEqual({ loss: 21 / 4, accuracy: null });
  });
});
