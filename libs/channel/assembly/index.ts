/** What the host calls; see src/single/link-kernels.ts. The kernels compute in the transform's memory and hold no data of their own. */
export { HISTOGRAM_BYTES, takeTopK } from './top-k';
export { addScaled, clearAt, exponentOf, scaleTo, scatter, scatterAdd, sparseEnergy, takeAt } from './sparse';
export { addQuadrature, fold, observe, receive, superpose, weighResidual } from './spectrum';
export { combine, denoise } from './posterior';
export { addNoise, deliver } from './delivery';
