import type { LearningCurve, LearningCurveMetric, LearningCurves, PointCurves } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { drawnTexts, keepingLogger } from '../test/drawn.js';
import { curvesFigure } from './curves-figure.js';
import { renderSvg } from './render-svg.js';

const ROUNDS = [0, 50, 100];

const curve = (metric: LearningCurveMetric, half: number | null): LearningCurve => {
  const mean = [2, 1, 0.5];
  const bound = (side: number) => mean.map((value) => (half === null ? null : value + side * half));
  return { metric, rounds: ROUNDS, mean, low: bound(-1), high: bound(1), n: ROUNDS.map(() => (half === null ? 1 : 3)) };
};

const point = (pointIndex: number, label: string, metrics: readonly LearningCurveMetric[], half: number | null = 0.1): PointCurves => ({
  ...{ pointId: `p${pointIndex}`, pointIndex, label, role: label.startsWith('ideal') ? 'twin' : 'swept' },
  curves: metrics.map((metric) => curve(metric, half)),
});

const ALL = ['trainLoss', 'newTasksLoss', 'newTasksAccuracy'] as const;
const curvesOf = (points: readonly PointCurves[], omitted = 0): LearningCurves => ({ experimentId: 'e', name: 'glyphs', points, omitted });

const FIGURES: Readonly<Record<string, LearningCurves>> = {
  classification: curvesOf([point(0, '0 dB', ALL), point(1, '10 dB', ALL), point(2, 'ideal uplink', ALL)]),
  'regression of single runs': curvesOf([point(0, '0 dB', ALL.slice(0, 2), null), point(1, 'ideal uplink', ALL.slice(0, 2), null)]),
  'one point': curvesOf([point(0, 'base', ALL)]),
  'more points than colours': curvesOf(Array.from({ length: 20 }, (_, index) => point(index, index < 17 ? `${index} dB` : 'ideal', ALL))),
  'nothing yet': curvesOf([point(0, '0 dB', [])]),
  'no points': curvesOf([], 4),
};

describe('the figure of learning curves', () => {
  it.each(Object.entries(FIGURES))('compiles and draws without complaint: %s', async (_, curves) => {
    const { log, said } = keepingLogger();
    const svg = await renderSvg(curvesFigure(curves), log);
    expect(svg).toMatch(/^<svg/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(said).toEqual([]);
  });

  it('names every line once, and every panel', async () => {
    const texts = await drawnTexts(curvesFigure(FIGURES['classification']));
    for (const text of ['0 dB', '10 dB', 'ideal uplink', 'train loss', 'new-task loss', 'new-task accuracy', 'glyphs'])
      expect(texts.filter((said) => said === text)).toHaveLength(1);
  });

  it('has no panel for what a regression does not have', async () => {
    expect(await drawnTexts(curvesFigure(FIGURES['regression of single runs']))).not.toContain('new-task accuracy');
  });

  it('has a band where there is an interval, and none where there is not', async () => {
    const shaded = async (name: string) => [...(await renderSvg(curvesFigure(FIGURES[name]))).matchAll(/opacity="0.14"/g)].length;
    expect(await shaded('classification')).toBe(9);
    expect(await shaded('regression of single runs')).toBe(0);
  });

  it('says what is not in it', async () => {
    const texts = await drawnTexts(curvesFigure(curvesOf([point(0, '0 dB', ALL), point(1, '10 dB', [])], 3)));
    expect(texts).toEqual(expect.arrayContaining(['without a completed run: 10 dB', '3 further points are not shown']));
    expect(await drawnTexts(curvesFigure(FIGURES['nothing yet']))).toContain('no completed runs yet');
  });
});
