export * from './access-wire.js';
export { byteCount, byteSize } from './byte-size.js';
export * from './control-wire.js';
export { canonicalHash, pointHash } from './canonical-hash.js';
export { datasetOf, shortFingerprint } from './data-fingerprint.js';
export { datasetTask, type DatasetReading } from './dataset-reading.js';
export * from './dataset-summary.js';
export * from './disk-wire.js';
export { ENGINE_VERSION } from './engine-version.js';
export { extendExperiment, type ExtendedExperiment, type PointOrigin } from './extend-experiment.js';
export {
  expandExperiment,
  MAX_POINTS,
  MAX_RUNS,
  POINT_ROLES,
  type ExpandedExperiment,
  type ExpandedPoint,
  type PointRole,
} from './expand-sweep.js';
export { experimentJsonSchema, type ExperimentEnvelope, type Tuning } from './experiment-spec.js';
export { faultsInJson, type JsonValue } from './json-value.js';
export { readSpecificationText } from './specification-text.js';
export { InvalidSpecificationError, jsonPointer, type Fault } from './fault.js';
export { readNewTask } from './new-task.js';
export { readParameterFile, writeParameterFile, type Integrity, type ParameterOrigin } from './parameter-file.js';
export {
  goesThroughChannel,
  matchedUplink,
  pointSchema,
  type ChannelSpec,
  type DigitalSpec,
  type FadingSpec,
  type ModelSpec,
  type OverTheAirSpec,
  type PointSpec,
  type TaskSpec,
  type UplinkSpec,
} from './point-spec.js';
export * from './bounds-report.js';
export * from './records.js';
export * from './trade-off.js';
export * from './gain-claim.js';
export { gainLaw } from './gain-law.js';
export * from './learning-curves.js';
export { printable, printableJson } from './printable.js';
export { quantityName } from './quantity-names.js';
export { axisLeaves, type AxisLeaf } from './axis-leaves.js';
export { float32Bytes, float32Values, readTensorFile, TensorFileError, writeTensorFile, type NamedTensor } from './safetensors.js';
export * from './wire.js';
export { durationMs, inDecibels, inRadians, powerWatt, quantityOf, snrDb, type Quantity } from './units.js';
