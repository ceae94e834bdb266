/** Group `rounds`: whole rounds of the protocol with every draw given. */
import {
  createDoubleUplink,
  createIdealUplink,
  createSingleUplink,
  type ChannelDraws,
  type OverTheAirLink,
  type Uplink,
} from '@airmeta/channel';
import type { LearnerEngine, LearnerEpisode } from '@airmeta/learning';
import { createExactFourier, fastLength } from '@airmeta/numerics';
import { evaluate, initialState, playRound, type Protocol } from '@airmeta/simulation';
import { z } from 'zod';
import { noiseFrom, powerControlFrom } from './air-link.js';
import { architectureFrom, episodeFrom, episodeSchema, GRADIENT_KINDS, modelSchema } from './model.js';
import { Comparison, largestError, type ConformanceResult } from './result.js';
import { complexRow, complexTensorSchema, tensorSchema, type VectorFile } from './vector-file.js';

const fileSchema = z.object({
  model: modelSchema,
  d: z.int(),
  n: z.int(),
  k: z.int(),
  Q: z.int(),
  alpha: z.number(),
  eta: z.number(),
  delta: z.number(),
  outer: z.enum(['fo', 'maml', 'exact', 'hf']),
  P: z.number(),
  N0: z.number(),
  muH: z.number(),
  power: z.enum(['phase', 'truncated-inversion', 'ideal']),
  threshold: z.number().nullish(),
  silentMemory: z.enum(['unchanged', 'accumulate']).default('unchanged'),
  compressor: z.enum(['dft', 'none']),
  sparsifier: z.enum(['topk', 'none']),
  decoder: z.enum(['adjoint', 'iht', 'oamp']),
  theta0: tensorSchema,
  evalTrain: z.array(episodeSchema),
  evalNew: z.array(episodeSchema),
  rounds: z.array(
    z.object({
      active: z.array(z.int()),
      batches: z.array(z.array(episodeSchema)),
      h: complexTensorSchema,
      rows: tensorSchema.nullish(),
      w: z.union([complexTensorSchema, tensorSchema]),
      expected: z.object({
        thetaAfter: tensorSchema,
        thetaAfterFloat32: tensorSchema.nullish(),
        stats: z.object({ nmseDecode: z.number().nullish() }),
        eval: z
          .object({ trainLoss: z.number(), newLoss: z.number(), trainAcc: z.number().nullish(), newAcc: z.number().nullish() })
          .nullish(),
      }),
    }),
  ),
  memoryFinal: tensorSchema,
  tolerance: z.object({ thetaAbsFloat32: z.number() }),
});
type RoundsFile = z.output<typeof fileSchema>;

/** The uplinks that claim a file: single precision only where no transform is needed or its length is a fast one. */
async function uplinksFor(file: RoundsFile, entries: number): Promise<Uplink[]> {
  if (file.power === 'ideal') return [createIdealUplink(file.d, entries)];
  const link: OverTheAirLink = {
    powerControl: powerControlFrom(file.power, file.threshold),
    powerWatt: file.P,
    noiseVariance: file.N0,
    meanGain: file.muH,
    decoder: file.decoder,
  };
  const double = createDoubleUplink(link, createExactFourier(file.d), entries);
  if (file.compressor === 'dft' && file.d !== fastLength(file.d)) return [double];
  const agents = Math.max(...file.rounds.map(({ active }) => active.length));
  const uses = Math.max(...file.rounds.map(({ rows }) => rows?.data.length ?? file.d));
  return [double, await createSingleUplink(link, { d: file.d, agents, entries, uses })];
}

function protocolFrom(file: RoundsFile, engine: LearnerEngine, uplink: Uplink, entries: number): Protocol {
  return {
    learner: engine.createLearner(architectureFrom(file.model)),
    rule: { kind: GRADIENT_KINDS[file.outer], innerStep: file.alpha, delta: file.delta },
    metaStep: file.eta,
    localSteps: file.Q,
    entries,
    uplink,
    memory: true,
    silentMemory: file.silentMemory,
  };
}

/** ||mean over episodes of the maml meta-gradient||: the slope of the mean loss after one fine-tuning step. */
function lossSlope(protocol: Protocol, theta: Float32Array, episodes: readonly LearnerEpisode[]): number {
  const gradients = protocol.learner.metaGradients(theta, episodes, { ...protocol.rule, kind: 'maml' });
  const mean = new Float64Array(theta.length);
  gradients.forEach((value, at) => (mean[at % theta.length] += value / episodes.length));
  return Math.hypot(...mean);
}

/** An OAMP decoder's own iterates are free: its NMSE may differ by 1 dB, or lie under -50 dB. */
const OAMP_SLACK_DB = 1;
const OAMP_GOOD_ENOUGH_DB = -50;

export async function checkRounds(vectors: VectorFile, engine: LearnerEngine): Promise<ConformanceResult[]> {
  const file = fileSchema.parse(vectors.content);
  const entries = file.sparsifier === 'none' ? file.d : file.k;
  const uplinks = await uplinksFor(file, entries);
  return uplinks.flatMap((uplink) => {
    const what = `${vectors.what}, ${engine.name}${uplinks.length > 1 ? `, link ${uplink.arithmetic}` : ''}`;
    return playFile(file, protocolFrom(file, engine, uplink, entries), new Comparison(vectors.file, what));
  });
}

function playFile(file: RoundsFile, protocol: Protocol, comparison: Comparison): ConformanceResult[] {
  const state = initialState(Float32Array.from(file.theta0.data));
  const tolerance = file.tolerance.thetaAbsFloat32;
  const evalTrain = file.evalTrain.map(episodeFrom);
  const evalNew = file.evalNew.map(episodeFrom);

  file.rounds.forEach((round, number) => {
    const channel: ChannelDraws = {
      gains: complexRow(round.h),
      rows: file.compressor === 'dft' && round.rows ? Int32Array.from(round.rows.data) : null,
      noise: noiseFrom(round.w),
    };
    const result = playRound(state, protocol, {
      active: Int32Array.from(round.active),
      episode: (position, localStep) => episodeFrom(round.batches[position][localStep]),
      channel: file.power === 'ideal' ? null : channel,
    });
    const label = `round ${number + 1}`;
    const expected = round.expected.thetaAfterFloat32 ?? round.expected.thetaAfter;
    comparison.atMost(
      `${label} theta`,
      result.kind === 'played' ? largestError(state.theta, expected.data) : Infinity,
      tolerance,
      'absolute',
    );
    if (result.kind !== 'played') return;

    const { nmseDecode } = round.expected.stats;
    if (nmseDecode != null && result.uplink?.decodingNmse != null) {
      const reached = 10 * Math.log10(result.uplink.decodingNmse);
      const wanted = 10 * Math.log10(nmseDecode);
      comparison.atMost(`${label} decoding NMSE`, reached, Math.max(wanted + OAMP_SLACK_DB, OAMP_GOOD_ENOUGH_DB), 'dB');
    }
    if (round.expected.eval) {
      const scores = evaluate(protocol.learner, state.theta, { train: evalTrain, newAgents: evalNew, newTasks: evalNew }, file.alpha, 1);
      // A loss moves by at most its slope times ||theta error||, which is at most sqrt(d) times the largest entry's; twice
      // that leaves room for curvature, plus the rounding of float32 itself.
      const bound = (episodes: readonly LearnerEpisode[], loss: number) =>
        2 * lossSlope(protocol, state.theta, episodes) * Math.sqrt(file.d) * tolerance + 1e-6 * Math.abs(loss);
      const { trainLoss, newLoss } = round.expected.eval;
      comparison.atMost(`${label} train loss`, Math.abs(scores.train.loss - trainLoss), bound(evalTrain, trainLoss), 'absolute');
      comparison.atMost(`${label} new-task loss`, Math.abs(scores.newTasks.loss - newLoss), bound(evalNew, newLoss), 'absolute');
    }
  });
  const memory = Array.from({ length: file.n }, (_, agent) => [...(state.memories.get(agent) ?? new Float32Array(file.d))]).flat();
  comparison.atMost('memories at the end', largestError(memory, file.memoryFinal.data), tolerance, 'absolute');
  return comparison.results;
}
