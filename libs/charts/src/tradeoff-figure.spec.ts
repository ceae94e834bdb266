import type { Tradeoff } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { classification, crowded, estimate, onBases, regression, row, troubled, unstarted } from '../test/tradeoffs.js';
import { drawnTexts, keepingLogger } from '../test/drawn.js';
import { renderSvg } from './render-svg.js';
import { tradeoffFigure } from './tradeoff-figure.js';

const textsOf = (tradeoff: Tradeoff): Promise<string[]> => drawnTexts(tradeoffFigure(tradeoff));

describe('the figure of a trade-off', () => {
  it.each(Object.entries({ classification, regression, unstarted, crowded, troubled }))(
    'compiles and draws without complaint: %s',
    async (_, tradeoff) => {
      const { log, said } = keepingLogger();
      const svg = await renderSvg(tradeoffFigure(tradeoff), log);
      expect(svg).toMatch(/^<svg/);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(said).toEqual([]);
    },
  );

  it('is the same text every time', async () => {
    expect(await renderSvg(tradeoffFigure(classification))).toBe(await renderSvg(tradeoffFigure(classification)));
  });

  it('names every point, what is measured, and how many runs stand behind it', async () => {
    const texts = await textsOf(classification);
    expect(texts).toEqual(expect.arrayContaining(classification.rows.map(({ label }) => label)));
    expect(texts).toEqual(
      expect.arrayContaining([
        'glyphs over Rayleigh fading',
        'rounds to target',
        'new-task accuracy',
        'accuracy − ideal twin’s',
        'generalization gap',
      ]),
    );
    expect(texts).toEqual(expect.arrayContaining(['2 of 3, 1 diverged', '3 of 3', 'swept point', 'twin']));
  });

  it('has one legend for all panels', async () => {
    const texts = await textsOf(classification);
    expect(texts.filter((text) => text === 'swept point')).toHaveLength(1);
  });

  it('draws an arrow where runs did not arrive, and says so', async () => {
    const arrows = async (tradeoff: Tradeoff) => ((await renderSvg(tradeoffFigure(tradeoff))).match(/stroke-width="1\.6"/g) ?? []).length;
    expect([await arrows(classification), await arrows(troubled), await arrows(regression)]).toEqual([2, 2, 0]);
    expect((await textsOf(classification)).join('\n')).toContain(
      '▷ 3 runs had not reached the target by the planned last round, or diverged',
    );
    expect((await textsOf(regression)).join()).not.toContain('▷');
  });

  it('draws no bar of a single run', () => {
    const rows = [row({ label: 'one', pointIndex: 0, newTasks: onBases({ last: { accuracy: estimate(0.5) } }) })];
    const text = JSON.stringify(tradeoffFigure({ ...classification, rows }));
    expect(text).toContain('"value":0.5');
    expect(text).not.toContain('"type":"tick"');
  });

  it('says over which runs it is', async () => {
    const [first] = classification.rows;
    const rows = [{ ...first, roundsToTarget: { ...first.roundsToTarget, withoutTarget: 2 } }];
    const texts = (await textsOf({ ...classification, rows })).join('\n');
    expect(texts).toContain('differences: over pairs of completed runs');
    expect(texts).toContain('rounds to target: over completed and diverged runs that have one');
    expect(texts).toContain('2 runs have no target');
  });

  it('stays within what is possible', () => {
    const wild = { mean: 0.99, low: -0.5, high: 1.7, n: 2, outliers: 0, heavyTails: false, robust: null };
    const rounds = { ...classification.rows[0].roundsToTarget, restrictedMean: { atLeast: 10, atMost: 20, low: -50, high: 900 } };
    const rows = [row({ label: 'wild', pointIndex: 0, newTasks: onBases({ last: { accuracy: wild } }), roundsToTarget: rounds })];
    const text = JSON.stringify(tradeoffFigure({ ...classification, rows }));
    for (const outside of ['"low":-0.5', '"high":1.7', '"low":-50', '"domain":[-']) expect(text).not.toContain(outside);
    expect(text).toContain('"low":0,"high":1,');
  });

  it('has what must be said with it below, point by point in short', async () => {
    const texts = (await textsOf(troubled)).join('\n');
    expect(texts).toContain('– Points spend different energy, 31000 to 61000 J.');
    expect(texts).toContain('– -10 dB; 0 dB: the update gain c differs from the twin’s by more than 10 %');
    expect(texts).toContain('× robust mean (interquartile)');
    expect(texts.split('\n')).toEqual(expect.arrayContaining(['update gain', '0.39', '0.61']));
  });

  it('measures a regression by its loss, against the target that was given', async () => {
    const texts = await textsOf(regression);
    expect(texts).toEqual(expect.arrayContaining(['new-task loss', 'loss − ideal twin’s', 'same seeds; left is better']));
    expect(texts.join()).toContain('target: train loss 1.25');
    expect(texts).not.toContain('new-task accuracy');
  });

  it('says that there is nothing yet', async () => {
    expect(await textsOf(unstarted)).toEqual(expect.arrayContaining(['no completed runs yet', '2 points, 6 runs']));
    expect(await textsOf({ ...unstarted, rows: [] })).toContain('no completed runs yet');
  });

  it('keeps the line of a point that has no results beside those that have', async () => {
    const waiting = row({ label: 'waiting', pointIndex: 5, runs: { total: 3, completed: 0, diverged: 0, open: 3, missing: 0 } });
    expect(await textsOf({ ...classification, rows: [...classification.rows, waiting] })).toEqual(
      expect.arrayContaining(['waiting', '0 of 3']),
    );
  });

  it('shortens forty long labels, keeps them apart, and grows with them', async () => {
    const texts = await textsOf(crowded);
    const labels = texts.filter((text) => text.startsWith('participation'));
    expect(new Set(labels).size).toBe(30);
    expect(Math.max(...labels.map(({ length }) => length))).toBeLessThanOrEqual(72);
    const [, height] = /height="(\d+)"/.exec(await renderSvg(tradeoffFigure(crowded))) ?? [];
    expect(Number(height)).toBeGreaterThan(40 * 24);
  });

  it('draws as many points as a picture can show, with their twins, and says how many there are', async () => {
    const twin = row({ label: 'the twin', pointIndex: 300, role: 'twin' });
    const rows = Array.from({ length: 300 }, (_, pointIndex) =>
      row({ label: `point ${pointIndex}`, pointIndex, twinPointIndex: 300, newTasks: onBases({ last: { accuracy: estimate(0.5) } }) }),
    );
    const texts = await textsOf({ ...classification, rows: [...rows, twin], rowCount: 301 });
    expect(texts).toEqual(expect.arrayContaining(['point 0', 'point 99', 'the twin']));
    expect(texts).not.toContain('point 100');
    expect(texts.join('\n')).toContain('101 of 301 points are drawn');
    // A page of rows is drawn whole, and says the same.
    expect((await textsOf({ ...classification, rows: rows.slice(0, 50), rowCount: 301 })).join('\n')).toContain(
      '50 of 301 points are drawn',
    );
  });

  it('draws points apart that are called the same', async () => {
    const same = [0, 1].map((pointIndex) => ({ ...classification.rows[pointIndex], label: 'same', pointIndex }));
    expect(await textsOf({ ...classification, rows: same })).toEqual(expect.arrayContaining(['same (0)', 'same (1)']));
  });

  it('writes names as text, not as markup', async () => {
    const hostile = { ...classification, name: '<script>alert(1)</script>' };
    expect(await renderSvg(tradeoffFigure(hostile))).not.toContain('<script>');
    expect(await textsOf(hostile)).toContain(hostile.name);
  });
});
