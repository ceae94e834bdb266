/**
 * Where everything lies in the kernels' memory for one architecture and batch shape. The order of `plan` is that of the
 * classes Plan and Layer in assembly/plan.ts, where the buffers are described.
 */
import type { Architecture, DenseLayer } from '../architecture.js';

/** Samples of S, Q and H; which batch the Hessian is taken on needs a twin. */
export interface BatchShape {
  readonly support: number;
  readonly query: number;
  readonly hessian: number;
  readonly twinOf: 'support' | 'hessian' | 'none';
}

export interface ArenaOptions {
  readonly shape: BatchShape;
  /** Episodes that fit at once. */
  readonly episodes: number;
  /** Parameter vectors: 1 when all episodes share theirs. */
  readonly parameterVectors: number;
  /** Numbers of one episode's result. */
  readonly resultSize: number;
}

/** Byte addresses, and counts of 4-byte numbers. */
export interface Arena {
  readonly plan: Int32Array;
  readonly planAddress: number;
  readonly onesAddress: number;
  readonly onesCount: number;
  readonly thetaAddress: number;
  readonly xAddress: number;
  /** Numbers of one episode's inputs and targets. */
  readonly xSize: number;
  readonly yAddress: number;
  readonly ySize: number;
  readonly resultAddress: number;
  readonly end: number;
}

const NUMBER = 4;
const PLAN_FIELDS = 32;
const LAYER_FIELDS = 9;

/** Vectors are read 16 bytes at a time, so up to 12 bytes past a buffer's end. */
const CACHE_LINE = 64;

/** Hands out addresses from a base upwards. */
class Allocator {
  constructor(public end: number) {}

  /** Room for `count` numbers, on cache lines of its own, with room for a vector's read past its end. */
  take(count: number): number {
    const address = this.end;
    this.end = Math.ceil((address + count * NUMBER + 16) / CACHE_LINE) * CACHE_LINE;
    return address;
  }
}

/** Numbers per row where rows are read and written in vectors of four. */
function padded(count: number): number {
  return Math.ceil(count / 4) * 4;
}

/** Numbers of a packed transpose of [rows][columns]; see assembly/pack.ts. */
function panelSize(rows: number, columns: number): number {
  return padded(rows) * columns;
}

/** @param base first free byte of the memory */
export function layOut(architecture: Architecture, options: ArenaOptions, base: number): Arena {
  const layers = architecture.layers as readonly DenseLayer[];
  const { shape, episodes } = options;
  const { support, query, hessian } = shape;
  const samples = support + query + hessian;
  const twin = shape.twinOf === 'none' ? 0 : shape[shape.twinOf];
  // The twin of S stands before it, that of H behind it.
  const supportRow = shape.twinOf === 'support' ? twin : 0;
  const twinRow = shape.twinOf === 'support' ? 0 : samples;
  const rows = samples + twin;

  const arena = new Allocator(Math.ceil(base / CACHE_LINE) * CACHE_LINE);
  const planAddress = arena.take(PLAN_FIELDS + layers.length * LAYER_FIELDS);
  const onesCount = 2 * samples + 4;
  const onesAddress = arena.take(onesCount);

  let panelOffset = 0;
  const layerFields = layers.flatMap((layer) => {
    const stride = padded(layer.outputs);
    const fields = [
      layer.inputs,
      layer.outputs,
      layer.offset * NUMBER,
      (layer.offset + layer.inputs * layer.outputs) * NUMBER,
      panelOffset * NUMBER,
      stride * NUMBER,
      arena.take(rows * stride),
      arena.take(rows * stride),
      arena.take(twin * stride),
    ];
    panelOffset += panelSize(layer.outputs, layer.inputs);
    return fields;
  });

  const firstStride = padded(layers[0].outputs);
  const targets = architecture.loss === 'cross-entropy' ? 1 : architecture.outputSize;
  const xSize = samples * architecture.inputSize;
  const ySize = samples * targets;
  const parameterCount = architecture.parameterCount;
  const supportGramStride = padded(support);
  const hessianGramStride = padded(hessian);

  const preactivationsAddress = arena.take(samples * firstStride);
  const supportGramAddress = arena.take((support + query) * supportGramStride);
  const hessianGramAddress = arena.take(query * hessianGramStride);
  const totalDeltasAddress = arena.take(support * firstStride);
  const inputPanelsAddress = arena.take(panelSize(Math.max(support, hessian), architecture.inputSize));
  const phiAddress = arena.take(parameterCount);
  const thetaPanelsAddress = arena.take(panelOffset);
  const phiPanelsAddress = arena.take(panelOffset);
  const directionPanelsAddress = arena.take(panelOffset);
  const thetaAddress = arena.take(options.parameterVectors * parameterCount);
  const xAddress = arena.take(episodes * xSize);
  const yAddress = arena.take(episodes * ySize);
  const resultAddress = arena.take(episodes * options.resultSize);

  const plan = Int32Array.from([
    layers.length,
    planAddress + PLAN_FIELDS * NUMBER,
    architecture.activation === 'relu' ? 0 : 1,
    architecture.loss === 'cross-entropy' ? 0 : 1,
    parameterCount * NUMBER,
    support,
    query,
    hessian,
    supportRow,
    supportRow + support,
    supportRow + support + query,
    twinRow,
    xAddress,
    xSize * NUMBER,
    architecture.inputSize * NUMBER,
    yAddress,
    ySize * NUMBER,
    targets * NUMBER,
    thetaAddress,
    resultAddress,
    phiAddress,
    thetaPanelsAddress,
    phiPanelsAddress,
    directionPanelsAddress,
    preactivationsAddress,
    inputPanelsAddress,
    supportGramAddress,
    supportGramStride * NUMBER,
    hessianGramAddress,
    hessianGramStride * NUMBER,
    totalDeltasAddress,
    onesAddress,
    ...layerFields,
  ]);
  return {
    plan,
    planAddress,
    onesAddress,
    onesCount,
    thetaAddress,
    xAddress,
    xSize,
    yAddress,
    ySize,
    resultAddress,
    end: arena.end,
  };
}
