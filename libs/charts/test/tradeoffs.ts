/** Made-up trade-offs to draw. */
import type { BracketedEstimate, Estimate, ExtraRounds, RoundsToTarget, Tradeoff, TradeoffRow } from '@airmeta/spec';

export const estimate = (mean: number, half: number | null = null, n = half === null ? 1 : 3): Estimate => ({
  mean,
  low: half === null ? null : mean - half,
  high: half === null ? null : mean + half,
  n,
  ...{ outliers: 0, heavyTails: false, robust: null },
});

/** A bracket of ten rounds, or of a tenth of a share, in an interval. */
const bracket = (middle: number, half: number, width: number): BracketedEstimate => ({
  atLeast: middle - width / 2,
  atMost: middle + width / 2,
  low: middle - half,
  high: middle + half,
});

/** Of three runs. */
export const roundsToTarget = (middle: number | null, half = 20, never: { censored?: number; diverged?: number } = {}): RoundsToTarget => {
  const { censored = 0, diverged = 0 } = never;
  const none = middle === null;
  return {
    withoutTarget: 0,
    ...(none ? { n: 0, reached: 0, censored: 0, diverged: 0 } : { n: 3, reached: 3 - censored - diverged, censored, diverged }),
    ...{
      horizon: none ? null : 600,
      restrictedMean: none ? null : bracket(middle, half, 10),
      median: none ? null : bracket(middle, half, 10),
    },
  };
};

export const extraRounds = (middle: number, half: number, never: { censored?: number; diverged?: number } = {}): ExtraRounds => {
  const { censored = 0, diverged = 0 } = never;
  return {
    ...{ pairs: 3, reached: 3 - censored - diverged, censored, diverged, withoutTarget: 0, twinAtStart: 0, shareOf: 'geometricMean' },
    ...{ share: bracket(middle, half, 0.1), difference: bracket(200 * middle, 200 * half, 20) },
  };
};

const nothingPhysical: TradeoffRow['physical'] = {
  ...{
    updateGain: null,
    misalignment: null,
    aggregationNmse: null,
    silentAgents: null,
    peakPowerWatt: null,
    energyJoule: null,
    channelUses: null,
  },
};

type Comparison = TradeoffRow['newTasks'];

/** Scores on some bases; nothing on the others. */
export function onBases(parts: { readonly [Basis in keyof Comparison]?: Partial<Comparison[Basis]> }): Comparison {
  const nothing = { accuracy: null, loss: null };
  return {
    last: { ...nothing, ...parts.last },
    best: { ...nothing, ...parts.best },
    target: { ...nothing, ...parts.target },
    earlyStop: { ...nothing, ...parts.earlyStop },
  };
}

export function row(parts: Partial<TradeoffRow> & { readonly label: string; readonly pointIndex: number }): TradeoffRow {
  return {
    pointId: `point-${parts.pointIndex}`,
    role: 'swept',
    axes: {},
    runs: { total: 3, completed: 3, diverged: 0, open: 0, missing: 0 },
    pairs: null,
    tuned: null,
    roundsToTarget: roundsToTarget(null),
    trainLoss: null,
    newAgentsLoss: null,
    newAgentsAccuracy: null,
    gapLoss: null,
    gapAccuracy: null,
    newTasks: onBases({}),
    gains: onBases({}),
    trainLossArea: null,
    twinPointId: null,
    twinPointIndex: null,
    extraRounds: null,
    physical: nothingPhysical,
    twinUpdateGain: null,
    caveats: [],
    ...parts,
  };
}

const tradeoff = (name: string, rows: TradeoffRow[], targetTrainLoss: number | null = null): Tradeoff => ({
  experimentId: 'e',
  name,
  targetTrainLoss,
  ...{ against: 'ideal', tuning: null, caveats: [] },
  rowCount: rows.length,
  rows,
});

const NEVER = [{ censored: 1, diverged: 1 }, { censored: 1 }, {}, {}];

/** Accuracy falls and rounds rise with noise; one run never gets there, one diverged. */
export const classification = tradeoff('glyphs over Rayleigh fading', [
  ...[-10, 0, 10, 20].map((snr, index) =>
    row({
      ...{ label: `${snr} dB`, pointIndex: index, axes: { 'uplink.snr': `${snr} dB` } },
      runs: { total: 3, completed: index === 0 ? 2 : 3, diverged: index === 0 ? 1 : 0, open: 0, missing: 0 },
      pairs: { completed: index === 0 ? 2 : 3, diverged: index === 0 ? 1 : 0, twinDiverged: 0, unpaired: 0 },
      roundsToTarget: roundsToTarget(400 - 45 * index, 30 - 5 * index, NEVER[index]),
      trainLoss: estimate(0.9 - 0.15 * index, 0.05),
      newTasks: onBases({
        last: { loss: estimate(1.1 - 0.1 * index, 0.06), accuracy: estimate(0.52 + 0.05 * index, 0.031) },
        best: { accuracy: estimate(0.54 + 0.05 * index, 0.03) },
        target: index === 0 ? {} : { accuracy: estimate(0.5 + 0.05 * index, 0.04, index === 1 ? 2 : 3) },
        earlyStop: { accuracy: estimate(0.53 + 0.05 * index, 0.03) },
      }),
      twinPointId: 'point-4',
      twinPointIndex: 4,
      extraRounds: extraRounds(0.8 - 0.2 * index, 0.1, NEVER[index]),
      ...{ gapLoss: estimate(0.2 + 0.05 * index, 0.04), gapAccuracy: estimate(0.05, 0.01) },
      gains: onBases({
        last: { accuracy: estimate(-0.16 + 0.055 * index, 0.012), loss: estimate(0.3 - 0.1 * index, 0.03) },
        best: { accuracy: estimate(-0.14 + 0.05 * index, 0.011), loss: estimate(0.28 - 0.1 * index, 0.03) },
        target: index === 0 ? {} : { accuracy: estimate(-0.02 + 0.01 * index, 0.02, index === 1 ? 2 : 3) },
        earlyStop: { accuracy: estimate(-0.15 + 0.05 * index, 0.012) },
      }),
    }),
  ),
  row({
    ...{ label: 'ideal uplink', pointIndex: 4, role: 'twin' },
    roundsToTarget: roundsToTarget(215, 21),
    twinPointId: 'point-4',
    twinPointIndex: 4,
    ...{ trainLoss: estimate(0.3, 0.02), gapLoss: estimate(0.41, 0.05) },
    newTasks: onBases({ last: { loss: estimate(0.8, 0.05), accuracy: estimate(0.684, 0.029) }, best: { accuracy: estimate(0.69, 0.03) } }),
  }),
]);

export const regression = tradeoff(
  'sinusoids',
  [
    row({
      ...{ label: '0 dB', pointIndex: 0, axes: { 'uplink.snr': '0 dB' } },
      roundsToTarget: roundsToTarget(120, 10),
      ...{ trainLoss: estimate(1.2, 0.1), gapLoss: estimate(0.3, 0.02) },
      newTasks: onBases({ last: { loss: estimate(1.5, 0.1) } }),
      gains: onBases({ last: { loss: estimate(-0.125, 0.011) }, best: { loss: estimate(0.0001, 0.02) } }),
      twinPointId: 'point-1',
      twinPointIndex: 1,
    }),
    row({
      label: 'ideal uplink',
      pointIndex: 1,
      role: 'twin',
      twinPointId: 'point-1',
      twinPointIndex: 1,
      newTasks: onBases({ last: { loss: estimate(1.625) } }),
      roundsToTarget: roundsToTarget(100),
    }),
  ],
  1.25,
);

export const unstarted = tradeoff('just submitted', [
  row({ label: '0 dB', pointIndex: 0, runs: { total: 3, completed: 0, diverged: 0, open: 3, missing: 0 } }),
  row({ label: 'ideal uplink', pointIndex: 1, role: 'twin', runs: { total: 3, completed: 0, diverged: 0, open: 3, missing: 0 } }),
]);

/** Forty points with long labels, each with a twin of its own. */
export const crowded = tradeoff(
  'a grid of forty points whose name goes on for longer than it should',
  Array.from({ length: 40 }, (_, index) =>
    row({
      ...{ pointIndex: index, role: index < 30 ? 'swept' : 'twin' },
      label:
        index < 30
          ? `participation 0.${index}, ${index - 10} dB, compression 0.4, truncated-inversion, decoder oamp, memory false`
          : `ideal uplink, participation 0.${index}, first-order`,
      roundsToTarget: roundsToTarget(1200 + 31 * index, 90),
      gapLoss: estimate(0.1 + 0.01 * index, 0.03),
      newTasks: onBases({ last: { accuracy: estimate(0.4 + 0.005 * index, 0.02) } }),
      gains: onBases(index < 30 ? { last: { accuracy: estimate(0.01 * (index % 7) - 0.03, 0.01) } } : {}),
    }),
  ),
);

const physical = (updateGain: number, energyJoule: number): TradeoffRow['physical'] => ({
  ...{ updateGain: estimate(updateGain, 0.02), misalignment: estimate(0.6, 0.1), aggregationNmse: estimate(0.4, 0.05) },
  ...{ silentAgents: estimate(0, 0), peakPowerWatt: estimate(1, 0), energyJoule: estimate(energyJoule, energyJoule / 50) },
  channelUses: estimate(123_456, 0),
});

/** Runs that never arrive, values far from the others, intervals that are cut, and what must be said with them. */
export const troubled: Tradeoff = {
  ...tradeoff('what is hard to draw', [
    {
      ...classification.rows[0],
      roundsToTarget: {
        ...roundsToTarget(600, 0, { censored: 2, diverged: 1 }),
        restrictedMean: { atLeast: 600, atMost: 600, low: 600, high: 600 },
        median: { atLeast: 600, atMost: null, low: 600, high: null },
      },
      extraRounds: {
        ...extraRounds(0.8, 0.1, { censored: 2, diverged: 1 }),
        share: { atLeast: 0.4, atMost: null, low: 0.2, high: null },
      },
      ...{ physical: physical(0.39, 61_000), twinUpdateGain: estimate(1, 0) },
      caveats: [
        { kind: 'updateGain', message: 'The update arrives multiplied by 0.39 on average.' },
        { kind: 'diverged', message: '1 run diverged.' },
      ],
    },
    {
      ...classification.rows[1],
      ...{ physical: physical(0.61, 50_000), twinUpdateGain: estimate(1, 0) },
      newTasks: onBases({
        last: {
          accuracy: {
            ...{ mean: 0.97, low: 0.9, high: 1, n: 3, outliers: 1, heavyTails: true },
            robust: { value: 0.985, low: 0.97, high: 0.99 },
          },
        },
      }),
      caveats: [
        { kind: 'heavyTails', message: '1 value lies far from the others.' },
        { kind: 'updateGain', message: 'The update arrives multiplied by 0.61 on average.' },
      ],
    },
    classification.rows[4],
  ]),
  caveats: [{ kind: 'energy', message: 'Points spend different energy, 31000 to 61000 J.' }],
};
