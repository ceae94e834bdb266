/** Meta-gradients by hand-written kernels in WebAssembly SIMD. */
import type { Architecture } from '../architecture.js';
import type { FineTuneScores, Learner, LearnerBatch, LearnerEngine, LearnerEpisode, MetaGradientRule } from '../learner.js';
import { scoreOutputs } from '../score.js';
import { formsFirst, layOut, type Arena, type ArenaOptions, type BatchShape, type Region } from './arena.js';
import { availableBuilds, instantiateKernels, RULES, type KernelBuild, type Kernels } from './fused-module.js';
import { innerModelOf, type InnerModel } from './inner-model.js';

/**
 * Bytes of inputs and results of one kernel call, half of a common second-level cache: a round of larger episodes is taken in
 * several calls, so that what is copied in is still in cache when it is used, and so are results when they are copied out.
 */
const CALL_BYTES = 2 ** 19;

const PAGE_BYTES = 2 ** 16;

const NUMBER = Float32Array.BYTES_PER_ELEMENT;

/** Version of the arithmetic: raised whenever results change in any bit. */
const VERSION = 1;

/** Whether the fused engine can make a learner of this architecture: convolutions, if any, and then dense layers. */
export function fusedSupports(architecture: Architecture): boolean {
  const kinds = architecture.layers.map((layer) => layer.kind);
  return kinds.at(-1) === 'dense' && kinds.lastIndexOf('convolution') < kinds.indexOf('dense');
}

type BatchName = 'support' | 'query' | 'hessian';

class FusedLearner implements Learner {
  readonly parameterCount: number;
  private readonly kernels: Kernels;
  private readonly model: InnerModel;
  private readonly arenas = new Map<string, Arena>();
  private current: Arena | undefined;
  private numbers: Float32Array;
  private integers: Int32Array;

  constructor(
    private readonly architecture: Architecture,
    readonly engine: string,
    build: KernelBuild,
  ) {
    this.parameterCount = architecture.parameterCount;
    this.model = innerModelOf(architecture);
    this.kernels = instantiateKernels(build);
    this.numbers = new Float32Array(this.kernels.memory.buffer);
    this.integers = new Int32Array(this.kernels.memory.buffer);
  }

  metaGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[], rule: MetaGradientRule): Float32Array {
    if (episodes.length === 0) return new Float32Array(0);
    const usesHessianBatch = rule.kind === 'exact' || rule.kind === 'hessian-free';
    const twinOf = usesHessianBatch ? 'hessian' : rule.kind === 'maml' ? 'support' : 'none';
    const batches: BatchName[] = usesHessianBatch ? ['support', 'query', 'hessian'] : ['support', 'query'];
    const shape = this.shapeOf(episodes[0], batches, twinOf);
    const firstFormed = formsFirst(this.model, shape, 1);
    return this.gradients(parameters, episodes, batches, shape, firstFormed, (arena, strideTheta, count) => {
      const { kind, innerStep, delta } = rule;
      this.kernels.metaGradients(arena.plan.address, RULES[kind], innerStep, delta, strideTheta, count);
    });
  }

  supportGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[]): Float32Array {
    if (episodes.length === 0) return new Float32Array(0);
    const shape = this.shapeOf(episodes[0], ['support'], 'none');
    return this.gradients(parameters, episodes, ['support'], shape, true, (arena, strideTheta, count) => {
      this.kernels.supportGradients(arena.plan.address, strideTheta, count);
    });
  }

  fineTune(parameters: Float32Array, episodes: readonly LearnerEpisode[], innerStep: number, steps: number): FineTuneScores {
    const loss = new Float64Array(episodes.length * (steps + 1));
    const accuracy = this.architecture.loss === 'cross-entropy' ? new Float64Array(loss.length) : null;
    if (episodes.length === 0) return { loss, accuracy };
    this.requireParameters(parameters, 1);
    const batches: BatchName[] = ['support', 'query'];
    const shape = this.shapeOf(episodes[0], batches, 'none');
    const outputSize = shape.query * this.architecture.outputSize;
    const resultSize = (steps + 1) * outputSize;
    const perCall = this.episodesPerCall(shape, resultSize);
    const firstFormed = formsFirst(this.model, shape, steps);
    const arena = this.enter({ shape, firstFormed, episodes: perCall, parameterVectors: 1, resultSize });
    this.numbers.set(parameters, arena.theta.address / NUMBER);
    this.kernels.shareTheta(arena.plan.address);
    for (let start = 0; start < episodes.length; start += perCall) {
      const count = Math.min(perCall, episodes.length - start);
      this.writeEpisodes(arena, shape, batches, episodes, start, count);
      this.kernels.fineTune(arena.plan.address, innerStep, steps, count);
      let offset = arena.result.address / NUMBER;
      for (let at = start * (steps + 1); at < (start + count) * (steps + 1); at++) {
        const { query } = episodes[Math.floor(at / (steps + 1))];
        const score = scoreOutputs(this.architecture, this.numbers, offset, query);
        loss[at] = score.loss;
        if (accuracy && score.accuracy !== null) accuracy[at] = score.accuracy;
        offset += outputSize;
      }
    }
    return { loss, accuracy };
  }

  /** Runs a kernel that makes one parameter vector per episode. */
  private gradients(
    parameters: Float32Array,
    episodes: readonly LearnerEpisode[],
    batches: readonly BatchName[],
    shape: BatchShape,
    firstFormed: boolean,
    run: (arena: Arena, strideTheta: number, count: number) => void,
  ): Float32Array {
    const d = this.parameterCount;
    const shared = parameters.length === d;
    this.requireParameters(parameters, shared ? 1 : episodes.length);
    const perCall = this.episodesPerCall(shape, shared ? d : 2 * d);
    const arena = this.enter({ shape, firstFormed, episodes: perCall, parameterVectors: shared ? 1 : perCall, resultSize: d });
    const theta = arena.theta.address / NUMBER;
    if (shared) {
      this.numbers.set(parameters, theta);
      this.kernels.shareTheta(arena.plan.address);
    }
    const result = unwrittenNumbers(episodes.length * d);
    for (let start = 0; start < episodes.length; start += perCall) {
      const count = Math.min(perCall, episodes.length - start);
      if (!shared) this.numbers.set(parameters.subarray(start * d, (start + count) * d), theta);
      this.writeEpisodes(arena, shape, batches, episodes, start, count);
      run(arena, shared ? 0 : d * NUMBER, count);
      const from = arena.result.address / NUMBER;
      result.set(this.numbers.subarray(from, from + count * d), start * d);
    }
    return result;
  }

  private requireParameters(parameters: Float32Array, vectors: number): void {
    const d = this.parameterCount;
    if (parameters.length !== vectors * d) {
      throw new RangeError(`parameters: expected [${d}] or [${vectors}][${d}], got ${parameters.length} numbers`);
    }
  }

  private shapeOf(episode: LearnerEpisode, batches: readonly BatchName[], twinOf: BatchShape['twinOf']): BatchShape {
    const size = (name: BatchName) => (batches.includes(name) ? batchOf(episode, name).size : 0);
    return { support: size('support'), query: size('query'), hessian: size('hessian'), twinOf };
  }

  /** @param otherNumbers how many numbers an episode has besides its batches */
  private episodesPerCall(shape: BatchShape, otherNumbers: number): number {
    const { inputSize, outputSize } = this.architecture;
    const samples = shape.support + shape.query + shape.hessian;
    const episodeBytes = NUMBER * (samples * (inputSize + outputSize) + otherNumbers);
    return Math.max(1, Math.floor(CALL_BYTES / episodeBytes));
  }

  /** Lays the memory out for a shape, or finds it laid out. */
  private enter(options: ArenaOptions): Arena {
    const { shape, firstFormed, episodes, parameterVectors, resultSize } = options;
    const { support, query, hessian, twinOf } = shape;
    const key = [support, query, hessian, twinOf, firstFormed, episodes, parameterVectors, resultSize].join(' ');
    let arena = this.arenas.get(key);
    if (!arena) {
      arena = layOut(this.architecture, this.model, options, this.kernels.heapBase.value);
      this.arenas.set(key, arena);
    }
    if (arena !== this.current) {
      this.reserve(arena.end);
      this.integers.set(arena.planFields, arena.plan.address / NUMBER);
      this.fill(arena.ones, 1);
      this.fill(arena.innerTheta, 0);
      const order = arena.order.address / NUMBER;
      this.model.order?.forEach((place, index) => (this.integers[order + index] = place * NUMBER));
      this.current = arena;
    }
    return arena;
  }

  private fill({ address, count }: Region, value: number): void {
    this.numbers.fill(value, address / NUMBER, address / NUMBER + count);
  }

  private reserve(bytes: number): void {
    const { memory } = this.kernels;
    const missing = bytes - memory.buffer.byteLength;
    if (missing <= 0) return;
    memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.numbers = new Float32Array(memory.buffer);
    this.integers = new Int32Array(memory.buffer);
  }

  private writeEpisodes(
    arena: Arena,
    shape: BatchShape,
    batches: readonly BatchName[],
    episodes: readonly LearnerEpisode[],
    start: number,
    count: number,
  ): void {
    const { inputSize, outputSize, loss } = this.architecture;
    const targets = loss === 'cross-entropy' ? this.integers : this.numbers;
    const targetSize = loss === 'cross-entropy' ? 1 : outputSize;
    let x = arena.x.address / NUMBER;
    let y = arena.y.address / NUMBER;
    for (let index = start; index < start + count; index++) {
      for (const name of batches) {
        const batch = batchOf(episodes[index], name);
        const size = shape[name];
        if (batch.size !== size) throw new RangeError(`episodes: ${name} batch sizes ${size} and ${batch.size} differ`);
        if (batch.x.length !== size * inputSize || batch.y.length !== size * targetSize) {
          throw new RangeError(
            `episodes: a ${name} batch of ${size} needs x [${size}][${inputSize}] and y [${size}][${targetSize}], ` +
              `got ${batch.x.length} and ${batch.y.length} numbers`,
          );
        }
        if (loss === 'cross-entropy') requireLabels(batch.y, outputSize);
        this.numbers.set(batch.x, x);
        targets.set(batch.y, y);
        x += size * inputSize;
        y += size * targetSize;
      }
    }
  }
}

/** Room for numbers that are all going to be written: zeroing fresh memory can take longer than computing what goes there. */
function unwrittenNumbers(count: number): Float32Array {
  return new Float32Array(Buffer.allocUnsafeSlow(count * NUMBER).buffer);
}

function batchOf(episode: LearnerEpisode, name: BatchName): LearnerBatch {
  const batch = episode[name];
  if (!batch) throw new RangeError("this meta-gradient needs a third batch D''");
  if (batch.size < 1) throw new RangeError(`episodes: a ${name} batch of ${batch.size} samples has no gradient`);
  return batch;
}

function requireLabels(labels: ArrayLike<number>, classes: number): void {
  for (let sample = 0; sample < labels.length; sample++) {
    const label = labels[sample];
    if (!(label >= 0 && label < classes)) throw new RangeError(`episodes: label ${label} is none of ${classes} classes`);
  }
}

/**
 * The fused engine on the fastest kernels this machine runs, or on given ones. Its name tells the two apart, as their results
 * differ in the last bits; either gives the same bits on every machine that runs it, for any number of episodes per call.
 * @throws RangeError from `createLearner` for an architecture that is not fused; see `fusedSupports`
 * @throws Error when this machine cannot run the given build
 */
export function createFusedEngine(build: KernelBuild = availableBuilds()[0]): LearnerEngine {
  const name = `fused-${build === 'fused' ? 'fma' : 'simd'} ${VERSION}`;
  return {
    name,
    createLearner(architecture) {
      if (!fusedSupports(architecture)) {
        throw new RangeError('the fused engine takes convolutions followed by dense layers: use the tfjs engine for other networks');
      }
      return new FusedLearner(architecture, name, build);
    },
  };
}
