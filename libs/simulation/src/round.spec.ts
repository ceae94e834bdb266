import {
  createDigitalUplink,
  createDoubleUplink,
  createIdealUplink,
  createSingleUplink,
  type ChannelDraws,
  type OverTheAirLink,
  type Uplink,
} from '@airmeta/channel';
import type { Learner, LearnerBatch, LearnerEpisode } from '@airmeta/learning';
import { complexZeros, createExactFourier, randomStream } from '@airmeta/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialState, type FederationState, type Protocol } from './federation.js';
import { playRound, type RoundDraws } from './round.js';

const D = 4;

/** A learner whose meta-gradient is `slope * theta` plus what the episode carries as its support inputs. */
function learnerOf(slope = 0): Learner {
  return {
    engine: 'by hand',
    parameterCount: D,
    metaGradients(parameters, episodes) {
      return Float32Array.from({ length: episodes.length * D }, (_, at) => {
        const theta = parameters.length === D ? parameters[at % D] : parameters[at];
        return slope * theta + episodes[Math.floor(at / D)].support.x[at % D];
      });
    },
    fineTune: () => ({ loss: new Float64Array(0), accuracy: null }),
    supportGradients: () => new Float32Array(0),
  };
}

function episodeWith(gradient: readonly number[]): LearnerEpisode {
  const batch: LearnerBatch = { size: 1, x: Float32Array.from(gradient), y: new Int32Array(1) };
  return { support: batch, query: batch };
}

/** eta = 1 and Q = 1, so that Delta_i is the gradient, under an ideal uplink; tests change what they are about. */
const PROTOCOL: Protocol = {
  learner: learnerOf(),
  rule: { kind: 'maml', innerStep: 0.1, delta: 1e-3 },
  metaStep: 1,
  localSteps: 1,
  entries: D,
  memory: true,
  silentMemory: 'unchanged',
  uplink: createIdealUplink(D, D),
};

const LINK: OverTheAirLink = {
  powerControl: { kind: 'truncated-inversion', threshold: 0.5 },
  powerWatt: 1,
  noiseVariance: 0,
  meanGain: 1,
  decoder: 'adjoint',
};
/** The same without a threshold: gains of 1 change nothing. */
const QUIET: OverTheAirLink = { ...LINK, powerControl: { kind: 'phase-only' } };
/** What agents send `entries` of, over the air in double precision. */
const overTheAir = (entries: number, link = LINK) => ({ entries, uplink: createDoubleUplink(link, createExactFourier(D), entries) });

const stateAt = (theta: readonly number[]): FederationState => initialState(Float32Array.from(theta));

/** Gradients by agent number; uncompressed and noiseless, with real gains. */
function drawsOf(gradients: ReadonlyMap<number, readonly number[]>, gains?: readonly number[]): RoundDraws {
  const active = Int32Array.from(gradients.keys());
  const channel: ChannelDraws | null = gains
    ? { gains: { re: Float64Array.from(gains), im: new Float64Array(gains.length) }, rows: null, noise: complexZeros(D) }
    : null;
  return { active, episode: (position) => episodeWith(gradients.get(active[position]) ?? []), channel };
}

describe('a round', () => {
  it('takes the mean of the updates from theta under an ideal uplink', () => {
    const state = stateAt([1, 1, 1, 1]);
    const draws = drawsOf(
      new Map([
        [2, [1, 2, 0, 0]],
        [5, [3, 0, 0, -4]],
      ]),
    );
    expect(playRound(state, PROTOCOL, draws)).toEqual({ kind: 'played', uplink: null });
    expect(state.theta).toEqual(Float32Array.of(-1, 0, 1, 3));
    expect(state.round).toBe(1);
  });

  it('takes Q local steps of size eta, each at the agent’s own parameters and on its own batch', () => {
    // theta <- theta - 1/2 (theta + g_q) with g = 2, then 4: 8 -> 3 -> -1/2, Delta = 17/2.
    const state = stateAt([8, 8, 8, 8]);
    const protocol = { ...PROTOCOL, learner: learnerOf(1), metaStep: 0.5, localSteps: 2 };
    const draws: RoundDraws = {
      active: Int32Array.of(0),
      episode: (_, localStep) => episodeWith(Array.from({ length: D }, () => 2 + 2 * localStep)),
      channel: null,
    };
    playRound(state, protocol, draws);
    expect(state.theta).toEqual(new Float32Array(D).fill(-0.5));
  });

  it('refuses an over-the-air uplink without channel draws', () => {
    const draws = drawsOf(new Map([[0, [1, 0, 0, 0]]]));
    expect(() => playRound(stateAt([0, 0, 0, 0]), { ...PROTOCOL, ...overTheAir(D) }, draws)).toThrow(/needs channel draws/);
  });
});

describe('memory', () => {
  const sparse: Protocol = { ...PROTOCOL, entries: 1, uplink: createIdealUplink(D, 1) };
  const gradient = [4, 3, 0, -1];

  it('keeps what was not sent, and sends it when its turn comes', () => {
    const state = stateAt([0, 0, 0, 0]);
    playRound(state, sparse, drawsOf(new Map([[7, gradient]])));
    expect(state.theta).toEqual(Float32Array.of(-4, 0, 0, 0));
    expect(state.memories.get(7)).toEqual(Float32Array.of(0, 3, 0, -1));

    playRound(state, sparse, drawsOf(new Map([[7, gradient]])));
    expect(state.theta).toEqual(Float32Array.of(-4, -6, 0, 0));
    expect(state.memories.get(7)).toEqual(Float32Array.of(4, 0, 0, -2));
  });

  it('of agents that are not active stays as it was', () => {
    const state = stateAt([0, 0, 0, 0]);
    playRound(state, sparse, drawsOf(new Map([[1, gradient]])));
    const kept = state.memories.get(1)?.slice();
    playRound(state, sparse, drawsOf(new Map([[2, [1, 9, 1, 1]]])));
    expect(state.memories.get(1)).toEqual(kept);
    expect([...state.memories.keys()]).toEqual([1, 2]);
  });

  it('is not kept when switched off: what was not sent is lost', () => {
    const state = stateAt([0, 0, 0, 0]);
    const forgetful = { ...sparse, memory: false };
    for (let round = 0; round < 2; round++) playRound(state, forgetful, drawsOf(new Map([[7, gradient]])));
    expect(state.theta).toEqual(Float32Array.of(-8, 0, 0, 0));
    expect(state.memories.size).toBe(0);
  });

  it('has nothing to keep when everything is sent', () => {
    const state = stateAt([0, 0, 0, 0]);
    playRound(state, PROTOCOL, drawsOf(new Map([[7, gradient]])));
    expect(state.memories.size).toBe(0);
  });
});

describe('random places', () => {
  const places = () => Int32Array.of(1, 3);

  it.each([
    ['an ideal uplink', () => Promise.resolve(createIdealUplink(D, 2))],
    ['over the air in double precision', () => Promise.resolve(overTheAir(2, QUIET).uplink)],
    ['over the air in single precision', () => createSingleUplink(QUIET, { d: D, agents: 1, entries: 2, uses: D })],
  ] as const)('are what %s sends, unscaled; the rest is kept and sent in its turn', async (_, open: () => Promise<Uplink>) => {
    const state = stateAt([0, 0, 0, 0]);
    const protocol: Protocol = { ...PROTOCOL, entries: 2, uplink: await open() };
    const draws = drawsOf(new Map([[7, [4, 3, 0, -1]]]), [1]);
    playRound(state, protocol, { ...draws, places });
    [0, -3, 0, 1].forEach((value, index) => expect(state.theta[index]).toBeCloseTo(value, 6));
    expect(state.memories.get(7)).toEqual(Float32Array.of(4, 0, 0, 0));

    playRound(state, protocol, { ...draws, places: () => Int32Array.of(0, 2) });
    [-8, -3, 0, 1].forEach((value, index) => expect(state.theta[index]).toBeCloseTo(value, 6));
    expect(state.memories.get(7)).toEqual(Float32Array.of(0, 3, 0, -1));
  });
});

describe('energy that is bounded on average', () => {
  const E = 10;

  it('is at most E (t + 1) up to any round t, of any agent, whoever is active and whatever they send', () => {
    const turn = fc.record({
      agents: fc.uniqueArray(
        fc.record({
          agent: fc.integer({ min: 0, max: 4 }),
          gain: fc.double({ min: 0.01, max: 3, noNaN: true }),
          gradient: fc.array(fc.integer({ min: -50, max: 50 }), { minLength: D, maxLength: D }),
        }),
        { minLength: 1, maxLength: 5, selector: ({ agent }) => agent },
      ),
    });
    const digital = createDigitalUplink({ powerWatt: E / D, noiseVariance: 0.1, bitsPerEntry: 8 }, { d: D, entries: 2, uses: D });
    const links = [
      { ...QUIET, powerWatt: E / D },
      { ...QUIET, powerWatt: E / D, powerControl: LINK.powerControl },
    ];
    const uplinks: [boolean, Uplink][] = [[true, digital], ...links.map((link): [boolean, Uplink] => [false, overTheAir(2, link).uplink])];
    fc.assert(
      fc.property(
        fc.array(turn, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...uplinks),
        fc.boolean(),
        (turns, [isDigital, uplink], memory) => {
          const state = stateAt([0, 0, 0, 0]);
          for (const { agents } of turns) {
            const air = drawsOf(
              new Map(agents.map(({ agent, gradient }) => [agent, gradient])),
              agents.map(({ gain }) => gain),
            );
            const rounding = agents.map(({ agent }) => randomStream(1, 'quantization', { agent, round: state.round }));
            const draws =
              isDigital && air.channel && 'gains' in air.channel ? { ...air, channel: { gains: air.channel.gains, rounding } } : air;
            const before = new Map(state.energySpent);
            const result = playRound(state, { ...PROTOCOL, entries: 2, averageEnergy: E, memory, uplink }, draws);
            const report = result.kind === 'played' ? result.uplink : null;
            agents.forEach(({ agent }, position) => {
              const spent = (before.get(agent) ?? 0) + (report?.transmitEnergy[position] ?? NaN);
              expect(state.energySpent.get(agent)).toBe(spent);
            });
            // Every budget is spent in double precision.
            for (const spent of state.energySpent.values()) expect(spent).toBeLessThanOrEqual(E * state.round * (1 + 1e-12));
            if (report?.amplitude != null) {
              const shares = agents.map(({ agent }) => (state.energySpent.get(agent) ?? 0) / (E * state.round));
              expect(Math.max(...shares)).toBeCloseTo(1, 10);
            }
          }
        },
      ),
    );
  });

  it('lets an agent that was idle make up for it', () => {
    const state = stateAt([0, 0, 0, 0]);
    const protocol: Protocol = { ...PROTOCOL, averageEnergy: E, ...overTheAir(D, { ...QUIET, powerWatt: E / D }) };
    const energies = [[0], [0], [1], [1]].map((agents) => {
      const result = playRound(state, protocol, drawsOf(new Map(agents.map((agent) => [agent, [1, 2, 3, 4]])), [1]));
      return result.kind === 'played' ? result.uplink?.transmitEnergy[0] : undefined;
    });
    [E, E, 3 * E, E].forEach((energy, at) => expect(energies[at]).toBeCloseTo(energy, 9));
  });
});

describe('gains that later rounds depend on', () => {
  it('are remembered of the active agents when the round was played, and only then', () => {
    const state = stateAt([0, 0, 0, 0]);
    const scattered = [{ re: 1, im: 2, round: 0 }];
    const draws = { ...drawsOf(new Map([[4, [1, 2, 3, 4]]]), [1]), scattered };
    playRound(state, { ...PROTOCOL, ...overTheAir(D, QUIET) }, { ...draws, episode: () => episodeWith([NaN, 0, 0, 0]) });
    expect(state.scattered.size).toBe(0);
    playRound(state, { ...PROTOCOL, ...overTheAir(D, QUIET) }, draws);
    expect([...state.scattered]).toEqual([[4, scattered[0]]]);
  });
});

describe('an agent that stays silent', () => {
  const loud = [1, 0, 0, 8];
  const quiet = [5, 2, 1, 0];
  /** Agent 3 has a good channel, agent 6 one under the threshold. */
  const draws = drawsOf(
    new Map([
      [3, loud],
      [6, quiet],
    ]),
    [1, 0.1],
  );

  function played(changes: Partial<Protocol>, rounds = 1): FederationState {
    const state = stateAt([0, 0, 0, 0]);
    for (let round = 0; round < rounds; round++) playRound(state, { ...PROTOCOL, ...overTheAir(1), ...changes }, draws);
    return state;
  }

  it('takes no part in the mean', () => {
    expect(played({}).theta[3]).toBeCloseTo(-8, 6);
    expect(played({}).theta[0]).toBeCloseTo(0, 6);
  });

  it('keeps its memory as it was under silentMemory unchanged', () => {
    const state = played({});
    expect(state.memories.get(3)).toEqual(Float32Array.of(1, 0, 0, 0));
    expect(state.memories.has(6)).toBe(false);

    const earlier = stateAt([0, 0, 0, 0]);
    earlier.memories.set(6, Float32Array.of(1, 1, 1, 1));
    playRound(earlier, { ...PROTOCOL, ...overTheAir(1) }, draws);
    expect(earlier.memories.get(6)).toEqual(Float32Array.of(1, 1, 1, 1));
  });

  it('adds all of its update to its memory under silentMemory accumulate', () => {
    const state = played({ silentMemory: 'accumulate' }, 2);
    expect(state.memories.get(6)).toEqual(Float32Array.of(10, 4, 2, 0));
  });

  it('does so even when it would have sent everything', () => {
    const state = played({ silentMemory: 'accumulate', ...overTheAir(D) }, 2);
    expect(state.memories.get(6)).toEqual(Float32Array.of(10, 4, 2, 0));
    const heard = drawsOf(new Map([[6, quiet]]), [1]);
    const before = state.theta.slice();
    playRound(state, { ...PROTOCOL, ...overTheAir(D), silentMemory: 'accumulate' }, heard);
    [15, 6, 3, 0].forEach((sent, index) => expect(before[index] - state.theta[index]).toBeCloseTo(sent, 5));
    expect(state.memories.get(6)?.every((value) => value === 0) ?? true).toBe(true);
  });

  it('accumulates nothing when memory is switched off', () => {
    expect(played({ silentMemory: 'accumulate', memory: false }).memories.size).toBe(0);
  });

  it('may be everybody: theta and memories stay, and the round counts', () => {
    const state = stateAt([1, 2, 3, 4]);
    const nobody = drawsOf(
      new Map([
        [3, loud],
        [6, quiet],
      ]),
      [0.1, 0.2],
    );
    const result = playRound(state, { ...PROTOCOL, ...overTheAir(1) }, nobody);
    expect(result.kind === 'played' && result.uplink?.transmitting).toEqual([false, false]);
    expect(state.theta).toEqual(Float32Array.of(1, 2, 3, 4));
    expect(state.memories.size).toBe(0);
    expect(state.round).toBe(1);
  });
});

describe('divergence', () => {
  it.each([
    ['infinite', Infinity],
    ['not a number', NaN],
  ])('of a local update (%s) is a result that leaves the state as it was', (_, entry) => {
    const state = stateAt([1, 2, 3, 4]);
    state.memories.set(0, Float32Array.of(1, 0, 0, 0));
    const result = playRound(
      state,
      { ...PROTOCOL, entries: 1, uplink: createIdealUplink(D, 1) },
      drawsOf(new Map([[0, [entry, 0, 0, 0]]])),
    );
    expect(result).toEqual({ kind: 'diverged', reason: 'a local update is not finite' });
    expect(state).toEqual({ ...initialState(Float32Array.of(1, 2, 3, 4)), memories: new Map([[0, Float32Array.of(1, 0, 0, 0)]]) });
  });

  it('of theta past the range of float32 is one too', () => {
    const state = stateAt([-3e38, 0, 0, 0]);
    state.memories.set(0, Float32Array.of(3e38, 0, 0, 0));
    const result = playRound(state, { ...PROTOCOL, entries: 1, uplink: createIdealUplink(D, 1) }, drawsOf(new Map([[0, [2e37, 1, 0, 0]]])));
    expect(result).toEqual({ kind: 'diverged', reason: 'the aggregated update is not finite' });
    expect(state.theta).toEqual(Float32Array.of(-3e38, 0, 0, 0));
    expect(state.memories.get(0)).toEqual(Float32Array.of(3e38, 0, 0, 0));
    expect(state.round).toBe(0);
  });

  const DECODERS = ['adjoint', 'iht', 'oamp'] as const;
  it.each(
    DECODERS.flatMap((decoder) => [
      [decoder, 'double', () => Promise.resolve(overTheAir(2, { ...LINK, decoder }).uplink)] as const,
      [decoder, 'single', () => createSingleUplink({ ...LINK, decoder }, { d: D, agents: 1, entries: 2, uses: 3 })] as const,
    ]),
  )('of a memory ends the run, not the program (%s decoder in %s precision)', async (_, __, open: () => Promise<Uplink>) => {
    const state = stateAt([0, 0, 0, 0]);
    state.memories.set(0, Float32Array.of(3e38, 0, 0, 1));
    const uplink = await open();
    const draws = drawsOf(new Map([[0, [3e38, 0, 0, 1]]]), [1]);
    const compressed = {
      ...draws,
      channel: { gains: { re: Float64Array.of(1), im: new Float64Array(1) }, rows: Int32Array.of(0, 1, 2), noise: complexZeros(3) },
    };
    expect(playRound(state, { ...PROTOCOL, entries: 2, uplink }, compressed).kind).toBe('diverged');
    expect(state.round).toBe(0);
  });
});
