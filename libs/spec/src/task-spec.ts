/** What the agents learn: the families of tasks and their options. */
import { z } from 'zod';
import { expected } from './issue-message.js';
import { numberBetween, positiveNumber, wholeNumber } from './numbers.js';

const kind = <const Value extends string>(value: Value, description: string) => z.literal(value).meta({ description });

/** Few-shot classification: tasks are tuples of an agent's classes. */
const classTask = {
  ways: wholeNumber('Classes per task.', 2, 64).default(5),
  shots: wholeNumber('Support samples per class.', 1, 1000).default(1),
  queries: wholeNumber('Query samples per class.', 1, 1000).default(10),
  trainTasksPerAgent: wholeNumber('Fixed tasks per agent; 0 draws a fresh task from the agent’s classes every round.', 0, 10_000).default(
    0,
  ),
  classesPerAgent: wholeNumber('', 1, 100_000)
    .nullable()
    .default(null)
    .meta({ description: 'Training classes each agent owns; null gives every agent all of them.' }),
  heldOut: wholeNumber('Samples per training class kept away from training, for evaluation.', 1, 10_000).default(5),
  dirichlet: positiveNumber('', 1e6).nullable().default(null).meta({
    description:
      'Concentration of the Dirichlet law of each agent’s class probabilities, by which its tasks draw their classes; null: uniform.',
  }),
  samplesPerClass: wholeNumber('', 1, 10_000)
    .nullable()
    .default(null)
    .meta({ description: 'Training samples an agent owns of each of its classes; null: all that are not held out.' }),
};

const alphabetTask = {
  ...classTask,
  alphabetsPerAgent: wholeNumber('', 1, 10_000)
    .nullable()
    .default(null)
    .meta({ description: 'Training alphabets each agent’s classes come from; null: any.' }),
};

/** Images that are read, not drawn. */
const readImageTask = {
  ...alphabetTask,
  imageSize: wholeNumber('Side that images are averaged down to, in pixels.', 8, 224).default(14),
};

const datasetError = expected('a dataset name of letters, digits, ".", "_" and "-" (no path, no leading dot), for example "omniglot"');

/** The data-set name becomes a folder name: no separators, no leading dot, so no way out of the datasets folder. */
const datasetName = z
  .string({ error: datasetError })
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, { error: datasetError })
  .meta({ description: 'Name of a folder inside the lab’s datasets folder.' });

/** @param one what a group is called */
const namesOrCount = (one: string) =>
  z.union([wholeNumber(`How many ${one}s, the last in sorted order.`, 1, 100), z.array(z.string().min(1).max(100)).min(1).max(1000)], {
    error: expected(`a whole number in 1..100 or a list of ${one} names`),
  });

/** Regression draws as many query points as it is asked for. */
const evaluationQueries = wholeNumber('', 1, 10_000)
  .nullable()
  .default(null)
  .meta({ description: 'Query samples of an evaluation task; null: as many as queries.' });

export const taskSchema = z
  .discriminatedUnion('family', [
    z.strictObject({
      family: kind('sinusoid', 'Regression of sine waves whose amplitude and phase differ between tasks.'),
      shots: wholeNumber('Support samples per task.', 1, 1000).default(10),
      queries: wholeNumber('Query samples per task.', 1, 1000).default(10),
      evaluationQueries,
      trainTasksPerAgent: wholeNumber('Fixed tasks per agent.', 1, 10_000).default(1),
      samplesPerTask: wholeNumber('Training samples each task owns.', 1, 100_000).default(50),
    }),
    z.strictObject({
      family: kind('linear', 'Linear regression of Gaussian data, weights from a Gaussian prior: what training converges to is known.'),
      shots: wholeNumber('Support samples K per task.', 1, 1000).default(10),
      queries: wholeNumber('Query samples per task.', 1, 1000).default(10),
      evaluationQueries,
      trainTasksPerAgent: wholeNumber('Fixed tasks per agent; 0 draws a fresh task every round.', 0, 10_000).default(1),
      samplesPerTask: wholeNumber('', 1, 100_000)
        .nullable()
        .default(50)
        .meta({ description: 'Training samples each task owns; null draws new samples in every step.' }),
      dimension: wholeNumber('Inputs p.', 1, 1000).default(10),
      taskMean: numberBetween('Prior mean of every weight.', -1e3, 1e3).default(1),
      taskVariance: numberBetween('Prior variance of every weight.', 0, 1e6).default(1),
      newTaskShift: numberBetween(
        'Added to the prior mean of every weight for new tasks; 0 takes them from the prior of the agents’ tasks.',
        -1e3,
        1e3,
      ).default(0),
      noiseVariance: numberBetween('Variance of the noise of the targets.', 0, 1e6).default(0.1),
      inputDecay: numberBetween('Input i = 1..p has variance i^-inputDecay.', 0, 4).default(0),
    }),
    z.strictObject({
      family: kind('gaussian-mixture', 'Points around class means, each class a Gaussian of unit variance.'),
      ...classTask,
      dimension: wholeNumber('Inputs p.', 1, 1000).default(16),
      separation: positiveNumber('Root mean square distance between two class means, in standard deviations of a class.', 1000).default(5),
      classes: wholeNumber('Training classes.', 2, 10_000).default(100),
      testClasses: wholeNumber('Classes never trained on.', 2, 10_000).default(50),
      samples: wholeNumber('Samples of every class.', 2, 10_000).default(30),
    }),
    z.strictObject({
      family: kind('glyphs', 'Characters the program draws itself, grouped in alphabets, every drawer different.'),
      ...alphabetTask,
      imageSize: z.literal([14, 28]).default(14).meta({ description: 'Image side in pixels.' }),
      alphabets: wholeNumber('Training alphabets.', 1, 100).default(8),
      testAlphabets: wholeNumber('Alphabets never trained on.', 1, 100).default(3),
      charactersPerAlphabet: wholeNumber('Characters per alphabet.', 1, 100).default(20),
      drawers: wholeNumber('Samples per character, each by another drawer.', 1, 200).default(20),
    }),
    z.strictObject({
      family: kind('omniglot', 'Omniglot, or images in its layout, from a folder or archives.'),
      ...readImageTask,
      dataset: datasetName.default('omniglot'),
      ink: z.enum(['dark', 'light']).default('dark').meta({
        description:
          'How strokes look on their page: dark on light, as Omniglot has them, or light on dark. The model sees ink 1 on background 0.',
      }),
      rotations: z.boolean().default(true).meta({ description: 'Each character’s 0, 90, 180, 270 degree rotations are separate classes.' }),
      split: z.enum(['alphabet', 'character']).default('alphabet').meta({
        description: 'Whether new tasks are of alphabets or of characters never trained on.',
      }),
      testCharacters: wholeNumber(
        'Characters never trained on when split is character, drawn at random; all rotations of one are on the same side.',
        1,
        10_000,
      ).default(50),
      testAlphabets: namesOrCount('alphabet')
        .default(3)
        .meta({ description: 'Alphabets never trained on when split is alphabet: how many, the last in sorted order, or their names.' }),
    }),
    z.strictObject({
      family: kind(
        'image-folder',
        'Images of your own: one folder per class, or a layout of MNIST, EMNIST, FEMNIST, Mini-ImageNet, tieredImageNet, CIFAR-FS or FC100, from a folder or archives.',
      ),
      ...readImageTask,
      dataset: datasetName,
      channels: z.literal([1, 3]).default(1).meta({ description: 'Numbers per pixel: 1, luminance, or 3, red, green and blue.' }),
      invert: z.boolean().default(false).meta({ description: 'Whether black is 1 and white 0, for dark figures on a light ground.' }),
      leastImages: wholeNumber('', 1, 100_000).nullable().default(null).meta({
        description: 'Classes with fewer images are left out, as writers of FEMNIST have some; null: none is.',
      }),
      leastClasses: wholeNumber('', 1, 100_000).nullable().default(null).meta({
        description: 'Groups with fewer classes are left out; null: none is.',
      }),
      split: z.enum(['class', 'group', 'published']).default('class').meta({
        description:
          'Whether new tasks are of classes, or of groups (folders of classes), never trained on, or of the classes that the data set itself publishes for testing.',
      }),
      testClasses: wholeNumber('Classes never trained on when split is class, drawn at random.', 1, 10_000).default(5),
      testGroups: namesOrCount('group')
        .default(1)
        .meta({ description: 'Groups never trained on when split is group: how many, the last in sorted order, or their names.' }),
    }),
  ])
  .meta({ description: 'What the agents learn.' });

export type TaskSpec = z.output<typeof taskSchema>;
