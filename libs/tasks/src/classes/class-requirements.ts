import { DatasetError } from '../dataset/dataset-error.js';
import type { ClassTask } from './class-task.js';
import { byGroup, type ClassUniverse } from './class-universe.js';
import type { SampleClass } from './sample-class.js';

/**
 * Checks that a universe can serve a task: enough classes for a tuple and for an agent's pool, whichever groups it comes
 * from, enough samples in every class for a training episode (without its Hessian batch), for what an agent owns and for
 * what is held out.
 * @throws DatasetError `too-few-alphabets`, `too-few-classes` or `too-few-samples`, naming the class or set and the numbers
 */
export function checkRequirements(task: ClassTask, universe: ClassUniverse): void {
  const { ways, shots, queries, heldOut, classesPerAgent, samplesPerClass } = task;
  requireClasses(universe.name, 'training classes', universe.training.length, ways, 'ways');
  requireClasses(universe.name, 'unseen classes', universe.unseen.length, ways, 'ways');
  if (classesPerAgent !== null) {
    requireClasses(universe.name, 'training classes', universe.training.length, classesPerAgent, 'classesPerAgent');
    requireClasses(universe.name, "classes in an agent's pool (classesPerAgent)", classesPerAgent, ways, 'ways');
  }
  requireGroups(task, universe);
  for (const sampleClass of universe.training) {
    requireSamples(universe.name, sampleClass, { shots, queries, heldOut });
    if (samplesPerClass !== null) requireSamples(universe.name, sampleClass, { samplesPerClass, heldOut });
  }
  for (const sampleClass of universe.unseen) requireSamples(universe.name, sampleClass, { shots, queries });
}

/**
 * Checks that a class has as many samples as the named parts need together.
 * @throws DatasetError `too-few-samples`
 */
export function requireSamples(universe: string, sampleClass: SampleClass, parts: Readonly<Record<string, number>>): void {
  const needed = Object.values(parts).reduce((sum, count) => sum + count, 0);
  if (sampleClass.count >= needed) return;
  const formula = Object.entries(parts).map(([part, count]) => `${part} ${count}`);
  throw new DatasetError(
    'too-few-samples',
    `${universe}, class ${sampleClass.name}`,
    `it has ${sampleClass.count} samples, but ${formula.join(' + ')} need ${needed}; lower one of them to fit`,
  );
}

function requireClasses(universe: string, what: string, available: number, needed: number, option: string): void {
  if (available >= needed) return;
  throw new DatasetError(
    'too-few-classes',
    universe,
    `there are ${available} ${what}, but ${option} is ${needed}; allowed is at most ${available}`,
  );
}

/** Any choice of an agent's groups must have enough classes, so the smallest groups must. */
function requireGroups({ ways, classesPerAgent, alphabetsPerAgent }: ClassTask, { name, training, groups }: ClassUniverse): void {
  if (alphabetsPerAgent === null) return;
  const sizes = byGroup(training)
    .map(({ length }) => length)
    .sort((a, b) => a - b);
  if (alphabetsPerAgent > sizes.length) {
    throw new DatasetError(
      'too-few-alphabets',
      name,
      `there are ${sizes.length} training ${groups}, but alphabetsPerAgent is ${alphabetsPerAgent}; allowed is at most ${sizes.length}`,
    );
  }
  const fewest = sizes.slice(0, alphabetsPerAgent).reduce((sum, size) => sum + size, 0);
  const what = `classes in the ${alphabetsPerAgent} smallest training ${groups} (alphabetsPerAgent)`;
  if (classesPerAgent === null) requireClasses(name, what, fewest, ways, 'ways');
  else requireClasses(name, what, fewest, classesPerAgent, 'classesPerAgent');
}
