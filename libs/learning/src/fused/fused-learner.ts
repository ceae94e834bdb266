/** Meta-gradients by hand-written kernels in WebAssembly SIMD. */
import type { Architecture } from '../architecture.js';
import type { FineTuneScores, Learner, LearnerBatch, LearnerEngine, LearnerEpisode, MetaGradientRule } from '../learner.js';
import { innerStepsOf } from '../inner-steps.js';
import { scoreOutputs } from '../score.js';
import { formsFirst, layOut, twinOf, type Arena, type ArenaOptions, type BatchShape, type Region } from './arena.js';
import { availableBuilds, closeKernels, openKernels, RULES, type KernelBuild, type Kernels } from './fused-module.js';
import { innerModelOf, type InnerModel } from './inner-model.js';

/**
 * Bytes of inputs and results of one kernel call, half of a common second-level cache: a round of larger episodes is taken in
 * several calls, so that what is copied in is still in cache when it is used, and so are results when they are copied out.
 */
const CALL_BYTES = 2 ** 19;

/** Episodes up to this size that are fine-tuned on again and again stay in the kernels' memory. */
const KEPT_BYTES = 2 ** 26;

/** When arenas take more than this, they are laid out anew. */
const MEMORY_BYTES = 2 ** 28;

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
  /** First byte behind the arenas. */
  private end: number;
  /** Lists of episodes that were fine-tuned on before, numbered. */
  private readonly known = new WeakMap<readonly LearnerEpisode[], number>();
  private knownCount = 0;
  /** Arenas whose episodes are already there. */
  private readonly filled = new Set<Arena>();
  private numbers: Float32Array;
  private integers: Int32Array;

  constructor(
    private readonly architecture: Architecture,
    readonly engine: string,
    private readonly build: KernelBuild,
  ) {
    this.parameterCount = architecture.parameterCount;
    this.model = innerModelOf(architecture);
    this.kernels = openKernels(build);
    this.end = this.kernels.heapBase.value;
    this.numbers = new Float32Array(this.kernels.memory.buffer);
    this.integers = new Int32Array(this.kernels.memory.buffer);
  }

  metaGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[], rule: MetaGradientRule, into?: Float32Array): Float32Array {
    const steps = innerStepsOf(rule);
    if (episodes.length === 0) return new Float32Array(0);
    const result = into?.length === episodes.length * this.parameterCount ? into : undefined;
    if (rule.kind === 'none') return this.jointGradients(parameters, episodes, result);
    const twin = twinOf(rule.kind);
    const batches: BatchName[] = twin === 'hessian' ? ['support', 'query', 'hessian'] : ['support', 'query'];
    const shape = this.shapeOf(episodes[0], batches, twin);
    // A path of several steps is walked with all layers formed, and maml walks it back through the thetas on the way.
    const firstFormed = steps > 1 || formsFirst(this.model, shape, 1);
    const waypoints = rule.kind === 'maml' ? steps - 1 : 0;
    const { innerStep, delta } = rule;
    const ruleNumber = RULES[rule.kind];
    const layout = { shape, firstFormed, waypoints };
    return this.gradients(parameters, episodes, batches, shape, layout, result, (arena, strideTheta, count) => {
      this.kernels.metaGradients(arena.plan.address, ruleNumber, innerStep, delta, steps, strideTheta, count);
    });
  }

  supportGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[]): Float32Array {
    if (episodes.length === 0) return new Float32Array(0);
    const shape = this.shapeOf(episodes[0], ['support'], 'none');
    const layout = { shape, firstFormed: true, waypoints: 0 };
    return this.gradients(parameters, episodes, ['support'], shape, layout, undefined, (arena, strideTheta, count) => {
      this.kernels.supportGradients(arena.plan.address, strideTheta, count);
    });
  }

  /** grad f(theta; D and D'): support and query lie side by side, and are to the kernels one support set. */
  private jointGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[], into: Float32Array | undefined): Float32Array {
    const batches: BatchName[] = ['support', 'query'];
    const sizes = this.shapeOf(episodes[0], batches, 'none');
    const shape: BatchShape = { support: sizes.support + sizes.query, query: 0, hessian: 0, twinOf: 'none' };
    const layout = { shape, firstFormed: true, waypoints: 0 };
    return this.gradients(parameters, episodes, batches, sizes, layout, into, (arena, strideTheta, count) => {
      this.kernels.supportGradients(arena.plan.address, strideTheta, count);
    });
  }

  fineTune(parameters: Float32Array, episodes: readonly LearnerEpisode[], innerStep: number, steps: number, from = 0): FineTuneScores {
    const scored = steps + 1 - from;
    const loss = new Float64Array(episodes.length * scored);
    const accuracy = this.architecture.loss === 'cross-entropy' ? new Float64Array(loss.length) : null;
    if (episodes.length === 0) return { loss, accuracy };
    this.requireParameters(parameters, 1);
    const batches: BatchName[] = ['support', 'query'];
    const shape = this.shapeOf(episodes[0], batches, 'none');
    const outputSize = shape.query * this.architecture.outputSize;
    // Room for all steps, so that kept episodes serve whichever of them are scored.
    const resultSize = (steps + 1) * outputSize;
    const kept = this.numberIfKept(episodes, shape, resultSize);
    const perCall = kept > 0 ? episodes.length : this.episodesPerCall(shape, resultSize);
    const firstFormed = formsFirst(this.model, shape, steps);
    const arena = this.enter({ shape, firstFormed, waypoints: 0, episodes: perCall, parameterVectors: 1, resultSize }, kept);
    this.numbers.set(parameters, arena.theta.address / NUMBER);
    this.kernels.shareTheta(arena.plan.address);
    for (let start = 0; start < episodes.length; start += perCall) {
      const count = Math.min(perCall, episodes.length - start);
      if (!this.filled.has(arena)) this.writeEpisodes(arena, shape, batches, episodes, start, count);
      if (kept > 0) this.filled.add(arena);
      this.kernels.fineTune(arena.plan.address, innerStep, from, steps, count);
      let offset = arena.result.address / NUMBER;
      for (let at = start * scored; at < (start + count) * scored; at++) {
        const { query } = episodes[Math.floor(at / scored)];
        const score = scoreOutputs(this.architecture, this.numbers, offset, query);
        loss[at] = score.loss;
        if (accuracy && score.accuracy !== null) accuracy[at] = score.accuracy;
        offset += outputSize;
      }
    }
    return { loss, accuracy };
  }

  close(): void {
    closeKernels(this.build, this.kernels);
  }

  /**
   * Runs a kernel that makes one parameter vector per episode.
   * @param sizes of the batches as episodes have them; layout.shape is how the kernels take them
   */
  private gradients(
    parameters: Float32Array,
    episodes: readonly LearnerEpisode[],
    batches: readonly BatchName[],
    sizes: BatchShape,
    layout: Pick<ArenaOptions, 'shape' | 'firstFormed' | 'waypoints'>,
    into: Float32Array | undefined,
    run: (arena: Arena, strideTheta: number, count: number) => void,
  ): Float32Array {
    const d = this.parameterCount;
    const shared = parameters.length === d;
    this.requireParameters(parameters, shared ? 1 : episodes.length);
    const perCall = this.episodesPerCall(sizes, shared ? d : 2 * d);
    const arena = this.enter({ ...layout, episodes: perCall, parameterVectors: shared ? 1 : perCall, resultSize: d });
    const theta = arena.theta.address / NUMBER;
    if (shared) {
      this.numbers.set(parameters, theta);
      this.kernels.shareTheta(arena.plan.address);
    }
    const result = into ?? unwrittenNumbers(episodes.length * d);
    for (let start = 0; start < episodes.length; start += perCall) {
      const count = Math.min(perCall, episodes.length - start);
      if (!shared) this.numbers.set(parameters.subarray(start * d, (start + count) * d), theta);
      this.writeEpisodes(arena, sizes, batches, episodes, start, count);
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

  private shapeOf(episode: LearnerEpisode, batches: readonly BatchName[], twin: BatchShape['twinOf']): BatchShape {
    const size = (name: BatchName) => (batches.includes(name) ? batchOf(episode, name).size : 0);
    return { support: size('support'), query: size('query'), hessian: size('hessian'), twinOf: twin };
  }

  private episodesPerCall(shape: BatchShape, otherNumbers: number): number {
    return Math.max(1, Math.floor(CALL_BYTES / this.episodeBytes(shape, otherNumbers)));
  }

  /** @param otherNumbers how many numbers an episode has besides its batches */
  private episodeBytes(shape: BatchShape, otherNumbers: number): number {
    const { inputSize, outputSize } = this.architecture;
    const samples = shape.support + shape.query + shape.hessian;
    return NUMBER * (samples * (inputSize + outputSize) + otherNumbers);
  }

  /** The number under which a list of episodes is kept: 0 when it is seen for the first time, or too large. */
  private numberIfKept(episodes: readonly LearnerEpisode[], shape: BatchShape, otherNumbers: number): number {
    const number = this.known.get(episodes);
    if (number !== undefined) return number;
    const fits = episodes.length * this.episodeBytes(shape, otherNumbers) <= KEPT_BYTES;
    this.known.set(episodes, fits ? ++this.knownCount : 0);
    return 0;
  }

  /** Lays the memory out for a shape, or finds it laid out. @param kept see `numberIfKept` */
  private enter(options: ArenaOptions, kept = 0): Arena {
    const { shape, firstFormed, waypoints, episodes, parameterVectors, resultSize } = options;
    const { support, query, hessian, twinOf } = shape;
    const key = [support, query, hessian, twinOf, firstFormed, waypoints, episodes, parameterVectors, resultSize, kept].join(' ');
    let arena = this.arenas.get(key);
    if (arena) return arena;
    arena = layOut(this.architecture, this.model, options, this.end);
    if (arena.end > MEMORY_BYTES && this.arenas.size > 0) {
      this.arenas.clear();
      this.filled.clear();
      arena = layOut(this.architecture, this.model, options, this.kernels.heapBase.value);
    }
    this.arenas.set(key, arena);
    this.end = arena.end;
    this.prepare(arena);
    return arena;
  }

  private prepare(arena: Arena): void {
    this.reserve(arena.end);
    this.integers.set(arena.planFields, arena.plan.address / NUMBER);
    this.fill(arena.ones, 1);
    this.fill(arena.innerTheta, 0);
    const order = arena.order.address / NUMBER;
    this.model.order?.forEach((place, index) => (this.integers[order + index] = place * NUMBER));
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
