import { fileURLToPath } from 'node:url';
import { compileKernels, instantiateKernels } from '@airmeta/numerics';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../../../scripts/compile-kernels.mjs';
import { architectureOf, type Architecture, type ModelOptions } from '../architecture.js';
import type { GradientKind } from '../learner.js';
import { formsFirst, layOut, twinOf } from './arena.js';
import { RULES, type Kernels } from './fused-module.js';
import { innerModelOf } from './inner-model.js';
import { metaGradientOperations, type EpisodeSizes } from './operation-count.js';

const KINDS = Object.keys(RULES) as (keyof typeof RULES)[];

function perceptron(dims: readonly number[]): Architecture {
  const model: ModelOptions = { kind: 'mlp', hidden: dims.slice(1, -1), activation: 'relu' };
  return architectureOf(model, { inputSize: dims[0], outputSize: dims[dims.length - 1], loss: 'cross-entropy' });
}

describe('operations of a meta-gradient, counted by hand', () => {
  // 2-3-2: 6 weights and 3 biases, then 6 and 2. One support sample, one query sample.
  const small = perceptron([2, 3, 2]);
  const sizes = { support: 1, query: 1, hessian: 1 };
  const forward = 6 + 6;
  const pullBack = 6;
  const gradient = 6 + 3 + 6 + 2;
  const adapted = 2 * (forward + pullBack + gradient);
  // R-operator: forward x U', then a U' and R{a} W'; back delta U and R{delta} W; R{delta}' x, then both pairs; R{delta} for biases.
  const product = 6 + 12 + 12 + 6 + 12 + 3 + 2;

  it.each<[GradientKind, number]>([
    ['none', 2 * (forward + pullBack + gradient)],
    ['first-order', adapted],
    ['maml', adapted + product],
    ['exact', adapted + forward + pullBack + product],
    ['hessian-free', adapted + 2 * (forward + pullBack) + (6 + 12 + 3 + 4)],
  ])('%s, as in a textbook', (kind, multiplyAdds) => {
    expect(metaGradientOperations(small, sizes, kind).textbook).toBe(2 * multiplyAdds);
  });

  it('maml of the 784-64-64-5 perceptron: dominated by the first layer, which is entered and left once', () => {
    const { performed } = metaGradientOperations(perceptron([784, 64, 64, 5]), { support: 5, query: 75, hessian: 5 }, 'maml');
    const enteredAndLeft = 2 * 80 * 784 * 64;
    const gram = 75 * 784 * 5;
    // Passes and gradient take three products per sample; the R-operator's six are on the support set.
    const secondLayer = (3 * 80 + 6 * 5) * 64 * 64;
    const dominant = 2 * (enteredAndLeft + gram + secondLayer);
    expect(performed).toBeGreaterThan(dominant);
    expect(performed).toBeLessThan(1.02 * dominant);
  });
});

/** What the counting build below exports beside the kernels. */
interface CountingKernels extends Kernels {
  takeMultiplyAdds(): number;
}

/** The kernels as they are, except that every product adds its size to a counter. */
async function compileCountingKernels(): Promise<CountingKernels> {
  const source = fileURLToPath(new URL('../../assembly/index.ts', import.meta.url));
  const binary = await compile(source, { features: ['simd'], optimizeLevel: 0, edit: withCounter });
  const module = compileKernels(binary);
  if (!module) throw new Error('this machine has no WebAssembly with SIMD');
  return instantiateKernels<CountingKernels>(module);
}

function withCounter(path: string, text: string): string {
  if (path.endsWith('assembly/index.ts')) return `${text}\nexport { takeMultiplyAdds } from './gemm';\n`;
  if (!path.endsWith('assembly/gemm.ts')) return text;
  const entry = /(function multiply\([^)]*\): void \{)/;
  if (!entry.test(text)) throw new Error('gemm.ts has no function multiply to count in');
  return text
    .replace(entry, '$1 counted += <f64>rows * <f64>depth * <f64>columns;')
    .concat('\nlet counted: f64 = 0;\nexport function takeMultiplyAdds(): f64 { const taken = counted; counted = 0; return taken; }\n');
}

interface Case {
  readonly model: ModelOptions;
  readonly side: number;
  readonly outputSize: number;
  readonly sizes: EpisodeSizes;
}

const batchSize = fc.integer({ min: 1, max: 9 });
const cases: fc.Arbitrary<Case> = fc.record({
  model: fc.oneof(
    fc.record({
      kind: fc.constant('mlp' as const),
      hidden: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 3 }),
      activation: fc.constantFrom('relu', 'tanh'),
    }),
    fc.record({
      kind: fc.constant('cnn' as const),
      filters: fc.constantFrom(4, 8),
      blocks: fc.integer({ min: 1, max: 3 }),
      activation: fc.constantFrom('relu', 'tanh'),
    }),
  ),
  side: fc.integer({ min: 1, max: 9 }),
  outputSize: fc.integer({ min: 1, max: 9 }),
  sizes: fc.record({ support: batchSize, query: batchSize, hessian: batchSize }),
});

/** Runs one meta-gradient on zeros and returns the multiply-adds it took. */
function multiplyAddsOf(kernels: CountingKernels, architecture: Architecture, sizes: EpisodeSizes, kind: keyof typeof RULES): number {
  const twin = twinOf(kind);
  const shape = { ...sizes, hessian: twin === 'hessian' ? sizes.hessian : 0, twinOf: twin };
  const model = innerModelOf(architecture);
  const d = architecture.parameterCount;
  const options = { shape, firstFormed: formsFirst(model, shape, 1), episodes: 1, parameterVectors: 1, waypoints: 0, resultSize: d };
  const arena = layOut(architecture, model, options, kernels.heapBase.value);
  const missing = arena.end - kernels.memory.buffer.byteLength;
  if (missing > 0) kernels.memory.grow(Math.ceil(missing / 2 ** 16));
  const integers = new Int32Array(kernels.memory.buffer);
  integers.fill(0, kernels.heapBase.value / 4, arena.end / 4);
  integers.set(arena.planFields, arena.plan.address / 4);
  kernels.takeMultiplyAdds();
  kernels.metaGradients(arena.plan.address, RULES[kind], 0.1, 0.01, 1, 4 * d, 1);
  return kernels.takeMultiplyAdds();
}

describe('operations of a meta-gradient, counted by the kernels themselves', () => {
  let kernels: CountingKernels;
  beforeAll(async () => {
    kernels = await compileCountingKernels();
  });

  const check = ({ model, side, outputSize, sizes }: Case) => {
    const shape = { inputSize: side * side, image: [1, side, side], outputSize, loss: 'cross-entropy' } as const;
    const architecture = architectureOf(model, shape);
    for (const kind of KINDS) {
      const { performed } = metaGradientOperations(architecture, sizes, kind);
      expect(performed).toBe(2 * multiplyAddsOf(kernels, architecture, sizes, kind));
    }
  };

  it('are those of the formula, for any model and batch', () => {
    fc.assert(fc.property(cases, check), { seed: 1, numRuns: 150 });
  });

  it('also where the first layer is entered through Gram matrices', () => {
    const wide: Case = {
      model: { kind: 'mlp', hidden: [64, 64], activation: 'relu' },
      side: 28,
      outputSize: 5,
      sizes: { support: 5, query: 75, hessian: 5 },
    };
    const model = innerModelOf(architectureOf(wide.model, { inputSize: 784, outputSize: 5, loss: 'cross-entropy' }));
    expect(formsFirst(model, { ...wide.sizes, twinOf: 'support' }, 1)).toBe(false);
    check(wide);
  });

  it('differ from the textbook only by the first layer where nothing is padded', () => {
    fc.assert(
      fc.property(cases, ({ model, side, outputSize, sizes }) => {
        const architecture = architectureOf(model, {
          inputSize: side * side,
          image: [1, side, side],
          outputSize,
          loss: 'cross-entropy',
        });
        const inner = innerModelOf(architecture);
        for (const kind of KINDS) {
          const shape = { ...sizes, hessian: twinOf(kind) === 'hessian' ? sizes.hessian : 0, twinOf: twinOf(kind) };
          if (!formsFirst(inner, shape, 1)) continue;
          const { performed, textbook } = metaGradientOperations(architecture, sizes, kind);
          expect(performed).toBe(textbook);
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});
