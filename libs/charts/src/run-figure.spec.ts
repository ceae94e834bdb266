import { METRIC_NAMES } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { renderSvg } from './render-svg.js';
import { runFigure } from './run-figure.js';

describe('the figure of a run', () => {
  it('has a panel for every metric with a finite value, and none for the others', async () => {
    const svg = await renderSvg(
      runFigure('one run', [
        { metric: 'trainLoss', rounds: [0, 10], values: [2, 1] },
        { metric: 'trainAccuracy', rounds: [0, 10], values: [null, null] },
        { metric: 'aggregationNmse', rounds: [0, 10], values: [0, 0.1] },
      ]),
    );
    expect(svg).toContain('train loss');
    expect(svg).toContain('aggregation NMSE');
    expect(svg).not.toContain('train accuracy');
  });

  it('knows every metric there is', async () => {
    const figure = runFigure(
      'all',
      METRIC_NAMES.map((metric) => ({ metric, rounds: [0, 1], values: [0.5, 0.25] })),
    );
    expect(figure).toMatchObject({ concat: METRIC_NAMES.map(() => ({ width: 250 })) });
  });

  it('thins long runs, keeping the last round', () => {
    const rounds = Array.from({ length: 12_345 }, (_, index) => index);
    const figure = JSON.stringify(runFigure('long', [{ metric: 'trainLoss', rounds, values: rounds.map((round) => 1 / (1 + round)) }]));
    const shown = [...figure.matchAll(/"round":(\d+)/g)].map(([, round]) => Number(round));
    expect(shown.length).toBeGreaterThan(500);
    expect(shown.length).toBeLessThanOrEqual(1_001);
    expect(shown.at(-1)).toBe(12_344);
  });

  it('says so when nothing was evaluated', async () => {
    expect(await renderSvg(runFigure('none', []))).toContain('no round has been evaluated yet');
  });
});
