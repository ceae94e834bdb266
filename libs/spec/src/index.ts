export { canonicalHash, pointHash } from './canonical-hash.js';
export {
  expandExperiment,
  MAX_POINTS,
  MAX_RUNS,
  type ExpandedExperiment,
  type ExpandedPoint,
  type JsonValue,
  type PointRole,
} from './expand-sweep.js';
export { experimentJsonSchema, readSpecificationText, type ExperimentEnvelope } from './experiment-spec.js';
export { InvalidSpecificationError, jsonPointer, type Fault } from './fault.js';
export { pointSchema, type ModelSpec, type OverTheAirSpec, type PointSpec, type TaskSpec, type UplinkSpec } from './point-spec.js';
export * from './records.js';
export * from './wire.js';
export { powerWatt, snrDb } from './units.js';
