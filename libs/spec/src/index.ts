export * from './access-wire.js';
export * from './control-wire.js';
export { canonicalHash, pointHash } from './canonical-hash.js';
export { datasetTask, type DatasetReading } from './dataset-reading.js';
export * from './dataset-summary.js';
export { ENGINE_VERSION } from './engine-version.js';
export { extendExperiment, type ExtendedExperiment, type PointOrigin } from './extend-experiment.js';
export { expandExperiment, MAX_POINTS, MAX_RUNS, type ExpandedExperiment, type ExpandedPoint, type PointRole } from './expand-sweep.js';
export { experimentJsonSchema, type ExperimentEnvelope } from './experiment-spec.js';
export { faultsInJson, type JsonValue } from './json-value.js';
export { readSpecificationText } from './specification-text.js';
export { InvalidSpecificationError, jsonPointer, type Fault } from './fault.js';
export { readNewTask } from './new-task.js';
export { readParameterFile, writeParameterFile, type ParameterOrigin } from './parameter-file.js';
export {
  pointSchema,
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
export * from './learning-curves.js';
export { printable } from './printable.js';
export { float32Bytes, float32Values, readTensorFile, TensorFileError, writeTensorFile, type NamedTensor } from './safetensors.js';
export * from './wire.js';
export { durationMs, inDecibels, inRadians, powerWatt, snrDb } from './units.js';
