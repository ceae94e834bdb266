import type { GainClaim, GainClaimRow } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { classification, crowded, estimate, extraRounds, regression, row, troubled, unstarted } from '../test/tradeoffs.js';
import { gainsTable, scoresTable } from './bases-table.js';
import { claimNote, claimTable } from './claim-table.js';
import { reportMarkdown } from './report-markdown.js';
import { markdownTable } from './text-table.js';

const NO_PAIRS = { planned: 3, pairs: 0, diverged: 0, bothDiverged: 0, twinDiverged: 0, missing: 3, unscored: 0, cut: 0 };

const claimRow = (parts: Partial<GainClaimRow>): GainClaimRow => ({
  ...{ pointId: 'p', pointIndex: 0, label: '0 dB', twinPointId: 't', score: 'accuracy', verdict: 'notShown', counts: NO_PAIRS },
  ...{ twinRounds: null, runRounds: null, twinBest: null, best: null, gain: null, simultaneous: null, atRunRound: null, atTwinRound: null },
  ...{ relativeGain: null, extraRounds: null, gainAtTarget: null, updateGain: null, twinUpdateGain: null, caveats: [] },
  ...parts,
});

const claim = (rows: readonly GainClaimRow[]): GainClaim => ({
  ...{
    experimentId: 'e',
    name: 'n',
    against: 'ideal',
    budget: 0.18,
    compared: rows.length,
    simultaneousLevel: 0.975,
    rowCount: rows.length,
    verdict: 'notShown',
    sentence: 'Not shown.',
  },
  rows,
});

describe('the tables of comparison bases', () => {
  it('show the twin’s own scores, and n where it is another', () => {
    expect(scoresTable(classification)).toMatchObject({
      columns: ['point', 'n', 'last round', 'best round', 'equal train loss', 'early stop'],
    });
    expect(scoresTable(classification).rows[1]).toEqual(['0 dB', '3', '57.0 ± 3.1', '59.0 ± 3.0', '55.0 ± 4.0 (n 2)', '58.0 ± 3.0']);
    expect(scoresTable(classification).rows[4].slice(0, 4)).toEqual(['ideal uplink', '3', '68.4 ± 2.9', '69.0 ± 3.0']);
  });

  it('show gains of points that have a twin, with what became of their pairs', () => {
    const { rows } = gainsTable(classification);
    expect(rows.map(([label]) => label)).toEqual(['-10 dB', '0 dB', '10 dB', '20 dB']);
    expect([rows[0][1], ...rows[0].slice(4)]).toEqual(['2 (1 diverged)', '-', '-15.0 ± 1.2']);
    expect(rows[3]).toEqual(['20 dB', '3', '+0.5 ± 1.2', '+1.0 ± 1.1', '+1.0 ± 2.0', '0.0 ± 1.2']);
    const paired = { ...regression.rows[0], pairs: { completed: 3, diverged: 0, twinDiverged: 0, unpaired: 0 } };
    expect(gainsTable({ ...regression, rows: [paired] }).rows[0].slice(2, 4)).toEqual(['-0.125 ± 0.011', '0.000 ± 0.020']);
    expect(gainsTable({ ...troubled, against: 'matched' }).columns[2]).toBe('last round − gain-matched');
  });

  it.each(Object.entries({ classification, regression, unstarted, crowded }))('have as many cells as columns: %s', (_, tradeoff) => {
    for (const { columns, rows } of [scoresTable(tradeoff), gainsTable(tradeoff)])
      for (const cells of rows) expect(cells).toHaveLength(columns.length);
  });
});

describe('the table of a claim', () => {
  it('shows both intervals, signs and how much is missing', () => {
    const full = claimRow({
      ...{ twinBest: estimate(0.55, 0.02), best: estimate(0.57, 0.02), gain: estimate(0.02, 0.01), relativeGain: estimate(0.04, 0.02) },
      ...{ simultaneous: { low: -0.003, high: 0.043 }, gainAtTarget: estimate(0.01), extraRounds: extraRounds(0.4, 0.1, { censored: 1 }) },
      ...{
        atRunRound: estimate(0.03, 0.01),
        atTwinRound: estimate(0.025, 0.01),
        updateGain: estimate(0.4, 0.1),
        twinUpdateGain: estimate(1, 0),
      },
      ...{ twinRounds: { low: 100, high: 120 }, runRounds: { low: 90, high: 90 } },
      counts: { planned: 6, pairs: 3, diverged: 1, bothDiverged: 0, twinDiverged: 1, missing: 2, unscored: 0, cut: 1 },
    });
    const { columns, rows } = claimTable(claim([full, claimRow({})]));
    expect(columns).toContain('gain (accuracy points)');
    expect(rows[0]).toEqual([
      ...['0 dB', 'not shown', '3 of 6 (1 diverged, 1 twin diverged, 2 missing, 1 cut)', '100, 120; 90', '55.0 ± 2.0', '57.0 ± 2.0'],
      ...['+2.0 ± 1.0', '-0.3 to +4.3', '+3.0 ± 1.0', '+2.5 ± 1.0', '+4.0 ± 2.0', '+1.0 (n 1)'],
      ...['+35 to +45 [+30, +50] (geometric mean, 1 never)', '0.40 ± 0.10; 1'],
    ]);
    expect(rows[1].slice(1, 4)).toEqual(['not shown', '0 of 3 (3 missing)', '-; -']);
  });

  it('says of losses that a negative gain is better', () => {
    const { columns, rows } = claimTable(claim([claimRow({ score: 'loss', simultaneous: { low: -0.0123, high: 0.0045 } })]));
    expect(columns).toContain('gain (loss, negative is better)');
    expect(rows[0]).toContain('-0.0123 to +0.0045');
  });

  it('is explained with its levels', () => {
    expect(claimNote(claim([claimRow({}), claimRow({})]))).toContain('(each 97.5 %) hold for all 2 points at once with 95 %');
  });
});

describe('a report in Markdown', () => {
  it('has a GitHub table for each part', () => {
    const text = reportMarkdown(classification, claim([claimRow({})]));
    expect(text).toMatch(/^# glyphs over Rayleigh fading\n\n## Trade-off\n/);
    expect(text.match(/^\| ---/gm)).toHaveLength(6);
    expect(text).toContain('| 20 dB | 3 of 3 | 3 of 3 | 260 to 270 \\[250, 280\\] | 67.0 ± 3.1 |');
    expect(reportMarkdown(troubled, claim([]))).toContain('\n- -10 dB: 1 run diverged.\n');
    expect(text).toContain('Not shown.');
    expect(text.endsWith('|\n')).toBe(true);
  });

  it('keeps names from ending cells or becoming markup', () => {
    const tradeoff = { ...classification, name: 'a\n# b', rows: [row({ pointIndex: 0, label: 'a|b\n<img>*' })] };
    const text = reportMarkdown(tradeoff, claim([]));
    expect(text).toMatch(/^# a # b\n/);
    expect(text).toContain('| a\\|b \\<img\\>\\* |');
    expect(markdownTable({ columns: ['a'], rows: [] })).toBe('| a |\n| --- |');
  });
});
