import { DatasetError } from '../dataset/dataset-error.js';
import type { ClassTask } from './class-task.js';
import type { ClassUniverse } from './class-universe.js';
import type { SampleClass } from './sample-class.js';

/**
 * Checks that a universe can serve a task: enough classes for a tuple and for an agent's pool, enough samples in every
 * class for a training episode (without its Hessian batch) and for what is held out.
 * @throws DatasetError `too-few-classes` or `too-few-samples`, naming the class or set and the numbers
 */
export function checkRequirements(task: ClassTask, universe: ClassUniverse): void {
  const { ways, shots, queries, heldOut, classesPerAgent } = task;
  requireClasses(universe.name, 'training classes', universe.training.length, ways, 'ways');
  requireClasses(universe.name, 'unseen classes', universe.unseen.length, ways, 'ways');
  if (classesPerAgent !== null) {
    requireClasses(universe.name, 'training classes', universe.training.length, classesPerAgent, 'classesPerAgent');
    requireClasses(universe.name, "classes in an agent's pool (classesPerAgent)", classesPerAgent, ways, 'ways');
  }
  for (const sampleClass of universe.training) {
    requireSamples(universe.name, sampleClass, { shots, queries, heldOut });
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
