export { decodeAdjoint } from './decoders/adjoint.js';
export { DECODER_KINDS, type Decoder, type DecoderKind, type EstimateKind, type Observation } from './decoders/decoder.js';
export { decodeIht } from './decoders/iht.js';
export { decodeOamp } from './decoders/oamp-double.js';
export { createDigitalUplink, leastBits, type DigitalLink } from './digital-uplink.js';
export { drawGains, type FadingModel, type Scattered } from './fading.js';
export { drawNoise, type SingleSamples } from './noise.js';
export { PartialDft } from './partial-dft.js';
export { allocatePower, precode, type PowerAllocation, type PowerControl, type Precoding } from './power-control.js';
export { riceMean } from './rice-mean.js';
export { sparsify, topK, type Sparsified } from './sparsify.js';
export { addScaled, denseAsSparse, type SparseVector } from './sparse-vector.js';
export { aggregateOverTheAir, exactMean, type AirAggregate } from './over-the-air.js';
export type { UpdateFidelity } from './update-fidelity.js';
export { createDoubleUplink } from './double-uplink.js';
export { createGainMatchedUplink } from './gain-matched-uplink.js';
export { createIdealUplink } from './ideal-uplink.js';
export { decodeSingle, type SingleObservation } from './single/decode-single.js';
export { createSingleUplink } from './single/single-uplink.js';
export type {
  Aggregate,
  ChannelDraws,
  DigitalDraws,
  MatchedDraws,
  OverTheAirLink,
  RoundChannel,
  Uplink,
  UplinkReport,
  UplinkStage,
} from './uplink.js';
