/** Meta-gradients of multilayer perceptrons by hand-written kernels in WebAssembly SIMD, all agents of a round in one call. */
import type { Architecture } from '../architecture.js';
import type { FineTuneScores, Learner, LearnerBatch, LearnerEngine, LearnerEpisode, MetaGradientRule } from '../learner.js';
import { scoreOutputs } from '../score.js';
import { layOut, type Arena, type ArenaOptions, type BatchShape } from './arena.js';
import { availableBuilds, instantiateKernels, RULES, type KernelBuild, type Kernels } from './fused-module.js';

/** Bytes of inputs and results of one kernel call: larger sets of episodes are taken in several. */
const CALL_BYTES = 32 * 2 ** 20;

const PAGE_BYTES = 2 ** 16;

/** Version of the arithmetic: raised whenever results change in any bit. */
const VERSION = 1;

/** Whether the fused engine can make a learner of this architecture: multilayer perceptrons and linear models. */
export function fusedSupports(architecture: Architecture): boolean {
  return architecture.layers.every((layer) => layer.kind === 'dense');
}

type BatchName = 'support' | 'query' | 'hessian';

class FusedLearner implements Learner {
  readonly parameterCount: number;
  private readonly kernels: Kernels;
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
    this.kernels = instantiateKernels(build);
    this.numbers = new Float32Array(this.kernels.memory.buffer);
    this.integers = new Int32Array(this.kernels.memory.buffer);
  }

  metaGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[], rule: MetaGradientRule): Float32Array {
    if (episodes.length === 0) return new Float32Array(0);
    const usesHessianBatch = rule.kind === 'exact' || rule.kind === 'hessian-free';
    const twinOf = usesHessianBatch ? 'hessian' : rule.kind === 'maml' ? 'support' : 'none';
    const batches: BatchName[] = usesHessianBatch ? ['support', 'query', 'hessian'] : ['support', 'query'];
    return this.gradients(parameters, episodes, batches, twinOf, (arena, strideTheta, count) => {
      const { kind, innerStep, delta } = rule;
      this.kernels.metaGradients(arena.planAddress, RULES[kind], innerStep, delta, strideTheta, count);
    });
  }

  supportGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[]): Float32Array {
    if (episodes.length === 0) return new Float32Array(0);
    return this.gradients(parameters, episodes, ['support'], 'none', (arena, strideTheta, count) => {
      this.kernels.supportGradients(arena.planAddress, strideTheta, count);
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
    const chunk = this.chunkOf(shape, resultSize, episodes.length);
    const arena = this.enter({ shape, episodes: chunk, parameterVectors: 1, resultSize });
    this.numbers.set(parameters, arena.thetaAddress / 4);
    for (let start = 0; start < episodes.length; start += chunk) {
      const count = Math.min(chunk, episodes.length - start);
      this.writeEpisodes(arena, shape, batches, episodes, start, count);
      this.kernels.fineTune(arena.planAddress, innerStep, steps, count);
      let offset = arena.resultAddress / 4;
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
    twinOf: BatchShape['twinOf'],
    run: (arena: Arena, strideTheta: number, count: number) => void,
  ): Float32Array {
    const d = this.parameterCount;
    const shared = parameters.length === d;
    this.requireParameters(parameters, shared ? 1 : episodes.length);
    const shape = this.shapeOf(episodes[0], batches, twinOf);
    const chunk = this.chunkOf(shape, d, episodes.length);
    const arena = this.enter({ shape, episodes: chunk, parameterVectors: shared ? 1 : chunk, resultSize: d });
    const result = new Float32Array(episodes.length * d);
    for (let start = 0; start < episodes.length; start += chunk) {
      const count = Math.min(chunk, episodes.length - start);
      if (!shared) this.numbers.set(parameters.subarray(start * d, (start + count) * d), arena.thetaAddress / 4);
      else if (start === 0) this.numbers.set(parameters, arena.thetaAddress / 4);
      this.writeEpisodes(arena, shape, batches, episodes, start, count);
      run(arena, shared ? 0 : d * 4, count);
      const from = arena.resultAddress / 4;
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

  /** Episodes per kernel call. */
  private chunkOf(shape: BatchShape, resultSize: number, episodes: number): number {
    const { inputSize, outputSize } = this.architecture;
    const samples = shape.support + shape.query + shape.hessian;
    const episodeBytes = 4 * (samples * (inputSize + outputSize) + resultSize + this.parameterCount);
    return Math.min(episodes, Math.max(1, Math.floor(CALL_BYTES / episodeBytes)));
  }

  /** Lays the memory out for a shape, or finds it laid out. */
  private enter(options: ArenaOptions): Arena {
    const { shape, episodes, parameterVectors, resultSize } = options;
    const key = [...Object.values(shape), episodes, parameterVectors, resultSize].join(' ');
    let arena = this.arenas.get(key);
    if (!arena) {
      arena = layOut(this.architecture, options, this.kernels.heapBase.value);
      this.arenas.set(key, arena);
    }
    if (arena !== this.current) {
      this.reserve(arena.end);
      this.integers.set(arena.plan, arena.planAddress / 4);
      this.numbers.fill(1, arena.onesAddress / 4, arena.onesAddress / 4 + arena.onesCount);
      this.current = arena;
    }
    return arena;
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
    let x = arena.xAddress / 4;
    let y = arena.yAddress / 4;
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

function batchOf(episode: LearnerEpisode, name: BatchName): LearnerBatch {
  const batch = episode[name];
  if (!batch) throw new RangeError("this meta-gradient needs a third batch D''");
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
        throw new RangeError('the fused engine has no convolutions: use the tfjs engine for a cnn');
      }
      return new FusedLearner(architecture, name, build);
    },
  };
}
