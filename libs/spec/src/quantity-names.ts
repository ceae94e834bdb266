/** What the keys of a configuration are called where there is little room: in labels, and above columns. */

/** Short names that tell a quantity without its section, by the path of its key. What is missing here is called by its last word. */
export const QUANTITY_NAMES: Readonly<Record<string, string>> = {
  'task.evaluationQueries': 'evaluation queries',
  'task.trainTasksPerAgent': 'tasks per agent',
  'task.classesPerAgent': 'classes per agent',
  'task.alphabetsPerAgent': 'alphabets per agent',
  'task.samplesPerClass': 'samples per class',
  'task.samplesPerTask': 'samples per task',
  'task.heldOut': 'held out',
  'task.imageSize': 'image size',
  'task.taskMean': 'task mean',
  'task.taskVariance': 'task variance',
  'task.newTaskShift': 'new-task shift',
  'task.noiseVariance': 'noise variance',
  'task.inputDecay': 'input decay',
  'task.testClasses': 'test classes',
  'task.testAlphabets': 'test alphabets',
  'task.testCharacters': 'test characters',
  'task.testGroups': 'test groups',
  'task.charactersPerAlphabet': 'characters per alphabet',
  'model.kind': 'model',
  'agents.count': 'agents',
  'meta.innerStep': 'alpha',
  'meta.innerSteps': 'inner steps',
  'meta.metaStep': 'eta',
  'meta.metaStep.initial': 'initial eta',
  'meta.metaStep.halfLife': 'half-life',
  'meta.metaStep.finalShare': 'final share',
  'meta.metaStep.every': 'cut every',
  'meta.metaStep.factor': 'cut to',
  'meta.localSteps': 'local steps',
  'uplink.kind': 'uplink',
  'uplink.snr': 'SNR',
  'uplink.powerConstraint': 'power constraint',
  'uplink.fading.kind': 'fading',
  'uplink.fading.kFactor': 'K',
  'uplink.fading.meanGain': 'mean gain',
  'uplink.fading.gainSpread': 'spread',
  'uplink.powerControl': 'power control',
  'uplink.truncationThreshold': 'threshold',
  'uplink.phaseError': 'phase error',
  'uplink.silentMemory': 'silent memory',
  'uplink.quantizationBits': 'bits',
  'evaluate.every': 'evaluated every',
  'evaluate.trainAgents': 'train agents',
  'evaluate.newTasks': 'new tasks',
  'evaluate.newAgents': 'new agents',
  'evaluate.fineTuneSteps': 'fine-tuning steps',
};

/** Where a gain-matched uplink describes the uplink whose gains it takes over. */
const SHADOWED = 'uplink.of.';

/** @param path of a key, from the top of a configuration: `uplink.snr`. Keys of the uplink that gains are taken over from are `matched SNR`. */
export function quantityName(path: string): string {
  if (path.startsWith(SHADOWED)) return `matched ${quantityName(`uplink.${path.slice(SHADOWED.length)}`)}`;
  return Object.hasOwn(QUANTITY_NAMES, path) ? QUANTITY_NAMES[path] : (path.split('.').at(-1) ?? path);
}
