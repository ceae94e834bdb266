import type { Architecture } from './architecture.js';

/** A part of theta that is one tensor, row-major. */
export interface ParameterTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * The tensors that theta is made of, in its order: `layers.0.weight`, `layers.0.bias`, `layers.1.weight`, ... Weights of a dense
 * layer are [outputs][inputs], of a convolution [outChannels][inChannels][3][3]; biases [outputs].
 */
export function parameterTensors({ layers }: Architecture): ParameterTensor[] {
  return layers.flatMap((layer, index) => {
    const shape = layer.kind === 'dense' ? [layer.outputs, layer.inputs] : [layer.outChannels, layer.inChannels, 3, 3];
    return [
      { name: `layers.${index}.weight`, shape },
      { name: `layers.${index}.bias`, shape: [shape[0]] },
    ];
  });
}
