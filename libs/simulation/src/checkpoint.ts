/** Everything a run carries from round to round, as bytes: what it needs to go on with the same bits. */
import type { Scattered } from '@airmeta/channel';
import { readTensorFile, TensorFileError, writeTensorFile, type NamedTensor } from '@airmeta/spec';
import type { FederationState } from './federation.js';
import type { EvaluatedRound, NotableRoundsState } from './fine-tuning-curves.js';
import type { UplinkTotals } from './uplink-statistics.js';

/**
 * Between two rounds: after a round was played, before it is evaluated. Random streams are keyed by round, so the number of rounds is their
 * position.
 */
export interface RunState {
  readonly federation: FederationState;
  /** The federation whose update gains it takes over, where it does. */
  readonly shadow?: FederationState;
  readonly statistics: UplinkTotals;
  readonly notable: NotableRoundsState;
}

/** The bytes are no checkpoint, or one of another configuration. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}

const FORMAT = 'airmeta-checkpoint 2';
const MEMORY = 'memory ';
const SHADOW = 'shadow ';

/** Numbers as text that reads as the same number: JSON has no infinities, and no negative zero. */
const textOf = (value: number) => (Object.is(value, -0) ? '-0' : String(value));

interface NotableHeader {
  readonly round: number;
  readonly loss: string;
  readonly accuracy: string | null;
}

/** Of a federation, what is not a vector of float32. Maps keep their order: sums over them depend on it. */
interface FederationHeader {
  readonly round: number;
  readonly scattered: readonly (readonly [agent: number, re: string, im: string, round: number])[];
  readonly energySpent: readonly (readonly [agent: number, energy: string])[];
}

interface Header extends FederationHeader {
  readonly shadow?: FederationHeader;
  readonly statistics: Readonly<Record<string, string>>;
  readonly last?: NotableHeader;
  readonly best?: NotableHeader;
}

function notableHeader({ round, newTasks }: EvaluatedRound): NotableHeader {
  return { round, loss: textOf(newTasks.loss), accuracy: newTasks.accuracy === null ? null : textOf(newTasks.accuracy) };
}

function vector(name: string, values: Float32Array): NamedTensor {
  return { name, shape: [values.length], values };
}

function federationHeader({ round, scattered, energySpent }: FederationState): FederationHeader {
  return {
    round,
    scattered: Array.from(scattered, ([agent, part]) => [agent, textOf(part.re), textOf(part.im), part.round]),
    energySpent: Array.from(energySpent, ([agent, energy]) => [agent, textOf(energy)]),
  };
}

/** @param prefix of the names */
function federationTensors({ theta, memories }: FederationState, prefix = ''): NamedTensor[] {
  return [vector(`${prefix}theta`, theta), ...Array.from(memories, ([agent, memory]) => vector(`${prefix}${MEMORY}${agent}`, memory))];
}

/** Bytes of the vectors of a checkpoint; what comes on top is small beside them. */
export function checkpointBytes({ federation, shadow, notable: { last, best } }: RunState): number {
  const ofShadow = shadow ? 1 + shadow.memories.size : 0;
  const vectors = 1 + federation.memories.size + ofShadow + (last ? 1 : 0) + (best && best !== last ? 1 : 0);
  return vectors * federation.theta.byteLength;
}

export function encodeCheckpoint({ federation, shadow, statistics, notable: { last, best } }: RunState): Uint8Array {
  const header: Header = {
    ...federationHeader(federation),
    ...(shadow ? { shadow: federationHeader(shadow) } : {}),
    statistics: Object.fromEntries(Object.entries(statistics).map(([name, value]) => [name, textOf(Number(value))])),
    ...(last ? { last: notableHeader(last) } : {}),
    ...(best ? { best: notableHeader(best) } : {}),
  };
  const tensors = [
    ...federationTensors(federation),
    ...(shadow ? federationTensors(shadow, SHADOW) : []),
    ...(last ? [vector('last', last.parameters)] : []),
    ...(best ? [vector('best', best === last ? new Float32Array(0) : best.parameters)] : []),
  ];
  return writeTensorFile({ metadata: { format: FORMAT, state: JSON.stringify(header) }, tensors });
}

function statisticsOf(text: Header['statistics']): UplinkTotals {
  const number = (name: keyof UplinkTotals) => Number(text[name]);
  return {
    ...{ aggregationSum: number('aggregationSum'), aggregationCount: number('aggregationCount') },
    ...{ decodingSum: number('decodingSum'), decodingCount: number('decodingCount') },
    ...{ silentSum: number('silentSum'), silentCount: number('silentCount') },
    ...{ gainSum: number('gainSum'), gainCount: number('gainCount') },
    ...{ misalignmentSum: number('misalignmentSum'), misalignmentCount: number('misalignmentCount') },
    ...{ signal: number('signal'), noise: number('noise'), peakPower: number('peakPower') },
    ...{ uses: number('uses'), energy: number('energy'), rounds: number('rounds') },
  };
}

/**
 * @param parameterCount d of the configuration that goes on
 * @throws CheckpointError
 */
export function decodeCheckpoint(bytes: Uint8Array, parameterCount: number): RunState {
  try {
    const { metadata, tensors } = readTensorFile(bytes);
    if (metadata['format'] !== FORMAT) throw new CheckpointError(`this is no ${FORMAT}, but ${metadata['format'] ?? 'something else'}`);
    const header = JSON.parse(metadata['state']) as Header;
    const byName = new Map(tensors.map(({ name, values }) => [name, values]));
    const wanted = (name: string): Float32Array => {
      const values = byName.get(name);
      if (values?.length !== parameterCount)
        throw new CheckpointError(`${name} of the checkpoint has ${values?.length ?? 'no'} numbers, the model has ${parameterCount}`);
      return values;
    };
    const notable = ({ round, loss, accuracy }: NotableHeader, parameters: Float32Array): EvaluatedRound => {
      return { round, newTasks: { loss: Number(loss), accuracy: accuracy === null ? null : Number(accuracy) }, parameters };
    };
    const federationOf = ({ round, scattered, energySpent }: FederationHeader, prefix = ''): FederationState => {
      const memories = tensors.filter(({ name }) => name.startsWith(`${prefix}${MEMORY}`));
      return {
        round,
        theta: wanted(`${prefix}theta`),
        memories: new Map(memories.map(({ name }) => [Number(name.slice(prefix.length + MEMORY.length)), wanted(name)])),
        scattered: new Map(
          scattered.map(([agent, re, im, since]): [number, Scattered] => [agent, { re: Number(re), im: Number(im), round: since }]),
        ),
        energySpent: new Map(energySpent.map(([agent, energy]) => [agent, Number(energy)])),
      };
    };
    const federation = federationOf(header);
    const last = header.last && notable(header.last, wanted('last'));
    const best = header.best && (byName.get('best')?.length === 0 ? last : notable(header.best, wanted('best')));
    return {
      federation,
      ...(header.shadow ? { shadow: federationOf(header.shadow, SHADOW) } : {}),
      statistics: statisticsOf(header.statistics),
      notable: { ...(last ? { last } : {}), ...(best ? { best } : {}) },
    };
  } catch (error) {
    if (error instanceof TensorFileError || error instanceof SyntaxError) throw new CheckpointError(error.message, { cause: error });
    throw error;
  }
}
