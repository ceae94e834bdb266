export * from './complex-vector.js';
export { createExactFourier } from './fourier/exact-fourier.js';
export { createFastFourier, fastLength } from './fourier/fast-fourier.js';
export { halfSpectrumSize, type RealFourier } from './fourier/real-fourier.js';
export { randomStream, RandomStream, STREAM_NAMES, type StreamAddress, type StreamName } from './random-stream.js';
export { replicateSeed } from './replicate-seed.js';
export { tHalfWidth } from './student-t.js';
export * from './vector.js';
