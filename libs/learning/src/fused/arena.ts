/**
 * Where everything lies in the kernels' memory for one architecture and batch shape. The order of the plan's fields is that of the
 * classes Plan and Layer in assembly/plan.ts, where the buffers are described.
 */
import type { Architecture } from '../architecture.js';
import type { GradientKind } from '../learner.js';
import { padded, type InnerLayer, type InnerModel } from './inner-model.js';

/** Samples of S, Q and H; which batch the Hessian is taken on needs a twin. */
export interface BatchShape {
  readonly support: number;
  readonly query: number;
  readonly hessian: number;
  readonly twinOf: 'support' | 'hessian' | 'none';
}

/** The batch a meta-gradient takes the Hessian on, whose rows need a twin: for its R-operator, or for the other end of its difference. */
export function twinOf(kind: GradientKind): BatchShape['twinOf'] {
  if (kind === 'exact' || kind === 'hessian-free') return 'hessian';
  return kind === 'maml' ? 'support' : 'none';
}

export interface ArenaOptions {
  readonly shape: BatchShape;
  /** Whether the first layer's weights are formed, see assembly/entrance.ts. */
  readonly firstFormed: boolean;
  /** Parameter vectors kept between theta and phi, on a path of several inner steps that is walked back. */
  readonly waypoints: number;
  /** Episodes that fit at once. */
  readonly episodes: number;
  /** Parameter vectors: 1 when all episodes share theirs. */
  readonly parameterVectors: number;
  /** Numbers of one episode's result. */
  readonly resultSize: number;
}

/** A region of the memory: byte address and count of 4-byte numbers. */
export interface Region {
  readonly address: number;
  readonly count: number;
}

export interface Arena {
  readonly plan: Region;
  readonly planFields: Int32Array;
  /** To be filled with ones, with zeros, and with the parameters' order, before the plan is used. */
  readonly ones: Region;
  readonly innerTheta: Region;
  readonly order: Region;
  readonly theta: Region;
  /** Inputs and targets of all episodes, and numbers of one episode's. */
  readonly x: Region;
  readonly xSize: number;
  readonly y: Region;
  readonly ySize: number;
  readonly result: Region;
  /** First byte behind it all. */
  readonly end: number;
}

const NUMBER = 4;
const PLAN_FIELDS = 39;
const LAYER_FIELDS = 18;

/** Rows of a product that are taken at once: enough to fill the tiles, few enough for their patches to stay in cache. */
const BLOCK_ROWS = 256;

const CACHE_LINE = 64;
const LINE_NUMBERS = CACHE_LINE / NUMBER;

/** Hands out regions from a base upwards. */
class Allocator {
  constructor(public end: number) {}

  /** Room for `count` numbers, on cache lines of its own; vectors are read up to 12 bytes past a region's end. */
  take(count: number): Region {
    const address = this.end;
    this.end = Math.ceil((address + count * NUMBER + 16) / CACHE_LINE) * CACHE_LINE;
    return { address, count };
  }
}

/** Numbers of a packed transpose of [rows][columns]; see assembly/pack.ts. */
function panelSize(rows: number, columns: number): number {
  return padded(rows) * columns;
}

/** Samples taken through a layer at once. */
function blockOf(layer: InnerLayer): number {
  return Math.max(1, Math.floor(BLOCK_ROWS / layer.positions));
}

/**
 * Whether forming the first layer's weights takes fewer multiplications than seeing `steps` steps in them through Gram matrices;
 * packing a weight into panels counts as eight.
 */
export function formsFirst(model: InnerModel, { support, query, hessian, twinOf }: BatchShape, steps: number): boolean {
  const { inputs, outputs, channels } = model.layers[0];
  if (channels > 0) return true;
  const twin = twinOf === 'none' ? 0 : twinOf === 'support' ? support : hessian;
  const gram = inputs * query * (support + hessian) + steps * outputs * query * (support + twin);
  const formed = steps * inputs * outputs * (support + twin + 16);
  return formed < gram;
}

/** @param base first free byte of the memory */
export function layOut(architecture: Architecture, model: InnerModel, options: ArenaOptions, base: number): Arena {
  const { shape, episodes } = options;
  const { support, query, hessian } = shape;
  const samples = support + query + hessian;
  const twin = shape.twinOf === 'none' ? 0 : shape[shape.twinOf];
  // The twin of S stands before it, that of H behind it.
  const supportRow = shape.twinOf === 'support' ? twin : 0;
  const twinRow = shape.twinOf === 'support' ? 0 : samples;
  const rows = samples + twin;

  const arena = new Allocator(Math.ceil(base / CACHE_LINE) * CACHE_LINE);
  const plan = arena.take(PLAN_FIELDS + model.layers.length * LAYER_FIELDS);
  const longestSum = Math.max(...model.layers.map((layer) => blockOf(layer) * layer.positions));
  const ones = arena.take(Math.max(longestSum, 2 * samples + 4));

  let panelNumbers = 0;
  let below = { activations: 0, strideRow: architecture.inputSize };
  const layerFields = model.layers.flatMap((layer, index) => {
    const isConvolution = layer.channels > 0;
    const stride = padded(layer.outputs);
    const strideRow = layer.positions * stride;
    const activations = arena.take(rows * strideRow).address;
    const strideOperand = isConvolution ? padded(layer.inputs) : below.strideRow;
    const strideOperandRow = layer.positions * strideOperand;
    const fields = [
      layer.inputs,
      layer.outputs,
      layer.positions,
      blockOf(layer),
      layer.channels,
      layer.height,
      layer.width,
      layer.weights * NUMBER,
      layer.bias * NUMBER,
      panelNumbers * NUMBER,
      stride * NUMBER,
      strideRow * NUMBER,
      activations,
      arena.take(rows * strideRow).address,
      arena.take(index < model.layers.length - 1 ? twin * strideRow : 0).address,
      isConvolution ? arena.take(rows * strideOperandRow).address : below.activations,
      strideOperand * NUMBER,
      strideOperandRow * NUMBER,
    ];
    panelNumbers += panelSize(layer.outputs, layer.inputs);
    below = { activations, strideRow };
    return fields;
  });

  const targets = architecture.loss === 'cross-entropy' ? 1 : architecture.outputSize;
  const xSize = samples * architecture.inputSize;
  const ySize = samples * targets;
  const order = arena.take(model.order ? model.order.length : 0);
  const innerTheta = arena.take(model.order ? model.size : 0);
  const phi = arena.take(model.size);
  const waypointSize = Math.ceil(model.size / LINE_NUMBERS) * LINE_NUMBERS;
  const waypoints = arena.take(options.waypoints * waypointSize);
  const innerResult = arena.take(model.order ? model.size : 0);
  const thetaPanels = arena.take(panelNumbers);
  const phiPanels = arena.take(panelNumbers);
  const directionPanels = arena.take(panelNumbers);

  // Only where the first layer is not formed.
  const entrance = options.firstFormed ? 0 : 1;
  const firstStride = padded(model.layers[0].outputs);
  const supportGramStride = padded(support);
  const hessianGramStride = padded(hessian);
  const preactivations = arena.take(entrance * samples * firstStride);
  const inputPanels = arena.take(entrance * panelSize(Math.max(support, hessian), architecture.inputSize));
  const supportGram = arena.take(entrance * (support + query) * supportGramStride);
  const hessianGram = arena.take(entrance * query * hessianGramStride);
  const totalDeltas = arena.take(support * firstStride * model.layers[0].positions);

  const above = model.layers.slice(1).filter((layer) => layer.channels > 0);
  const patchGradients = arena.take(Math.max(0, ...above.map((layer) => blockOf(layer) * layer.positions * layer.inputs)));
  const theta = arena.take(options.parameterVectors * architecture.parameterCount);
  const x = arena.take(episodes * xSize);
  const y = arena.take(episodes * ySize);
  const result = arena.take(episodes * options.resultSize);

  const planFields = Int32Array.from([
    model.layers.length,
    plan.address + PLAN_FIELDS * NUMBER,
    options.firstFormed ? 1 : 0,
    architecture.activation === 'relu' ? 0 : 1,
    architecture.loss === 'cross-entropy' ? 0 : 1,
    architecture.parameterCount,
    model.order ? order.address : 0,
    innerTheta.address,
    phi.address,
    innerResult.address,
    support,
    query,
    hessian,
    supportRow,
    supportRow + support,
    supportRow + support + query,
    twinRow,
    x.address,
    xSize * NUMBER,
    architecture.inputSize * NUMBER,
    y.address,
    ySize * NUMBER,
    targets * NUMBER,
    theta.address,
    result.address,
    thetaPanels.address,
    phiPanels.address,
    directionPanels.address,
    preactivations.address,
    inputPanels.address,
    supportGram.address,
    supportGramStride * NUMBER,
    hessianGram.address,
    hessianGramStride * NUMBER,
    totalDeltas.address,
    patchGradients.address,
    ones.address,
    waypoints.address,
    waypointSize * NUMBER,
    ...layerFields,
  ]);
  return { plan, planFields, ones, innerTheta, order, theta, x, xSize, y, ySize, result, end: arena.end };
}
