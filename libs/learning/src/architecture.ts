/** Model architectures and the layout of their flat parameter vector theta [d]. */
import type { RandomStream } from '@airmeta/numerics';

export type ModelOptions =
  | { readonly kind: 'mlp'; readonly hidden: readonly number[]; readonly activation: Activation }
  | { readonly kind: 'cnn'; readonly filters: number; readonly blocks: number; readonly activation: Activation }
  | { readonly kind: 'linear' };

export type Activation = 'relu' | 'tanh';
export type Loss = 'cross-entropy' | 'mean-squared-error';

/** What a task family feeds in and asks for. */
export interface ModelInterface {
  readonly inputSize: number;
  readonly image?: readonly [channels: number, height: number, width: number];
  readonly outputSize: number;
  readonly loss: Loss;
}

/** y = W x + b; W [outputs][inputs] row-major at `offset`, then b [outputs]. */
export interface DenseLayer {
  readonly kind: 'dense';
  readonly inputs: number;
  readonly outputs: number;
  readonly offset: number;
  readonly activated: boolean;
}

/**
 * 3x3 cross-correlation, stride 2, one pixel of zero padding on all four sides, bias; kernel
 * [outChannels][inChannels][3][3] at `offset`, then bias. Output side = floor((side - 1) / 2) + 1. Always activated.
 */
export interface ConvolutionLayer {
  readonly kind: 'convolution';
  readonly inChannels: number;
  readonly height: number;
  readonly width: number;
  readonly outChannels: number;
  readonly offset: number;
}

export type Layer = DenseLayer | ConvolutionLayer;

export interface Architecture {
  readonly layers: readonly Layer[];
  readonly activation: Activation;
  readonly loss: Loss;
  readonly inputSize: number;
  readonly outputSize: number;
  /** d. */
  readonly parameterCount: number;
}

/** Side of the output of a 3x3, stride-2, padding-1 convolution. */
export function convolvedSide(side: number): number {
  return Math.floor((side - 1) / 2) + 1;
}

/**
 * Lays out a model's layers in forward order.
 * @throws RangeError when a cnn is asked of inputs that are no images
 */
export function architectureOf(model: ModelOptions, shape: ModelInterface): Architecture {
  const layers: Layer[] = [];
  let offset = 0;
  let features = shape.inputSize;
  if (model.kind === 'cnn') {
    if (!shape.image) throw new RangeError('a cnn needs image inputs');
    let [channels, height, width] = shape.image;
    for (let block = 0; block < model.blocks; block++) {
      layers.push({ kind: 'convolution', inChannels: channels, height, width, outChannels: model.filters, offset });
      offset += model.filters * channels * 9 + model.filters;
      channels = model.filters;
      height = convolvedSide(height);
      width = convolvedSide(width);
    }
    features = channels * height * width;
  }
  const widths = [...(model.kind === 'mlp' ? model.hidden : []), shape.outputSize];
  widths.forEach((outputs, index) => {
    layers.push({ kind: 'dense', inputs: features, outputs, offset, activated: index < widths.length - 1 });
    offset += outputs * features + outputs;
    features = outputs;
  });
  return {
    layers,
    activation: model.kind === 'linear' ? 'relu' : model.activation,
    loss: shape.loss,
    inputSize: shape.inputSize,
    outputSize: shape.outputSize,
    parameterCount: offset,
  };
}

/**
 * Initial theta [d]: weights N(0, 2/fan-in) before a ReLU [he2015], N(0, 1/fan-in) otherwise; biases 0.
 */
export function initialParameters(architecture: Architecture, stream: RandomStream): Float32Array {
  const theta = new Float32Array(architecture.parameterCount);
  for (const layer of architecture.layers) {
    const fanIn = layer.kind === 'dense' ? layer.inputs : layer.inChannels * 9;
    const outputs = layer.kind === 'dense' ? layer.outputs : layer.outChannels;
    const feedsRelu = architecture.activation === 'relu' && (layer.kind === 'convolution' || layer.activated);
    const deviation = Math.sqrt((feedsRelu ? 2 : 1) / fanIn);
    for (let index = 0; index < outputs * fanIn; index++) theta[layer.offset + index] = deviation * stream.normal();
  }
  return theta;
}
