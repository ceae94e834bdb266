import { evaluatedTasks, fixedTasks } from '../training-tasks.js';
import { freshLoss, freshSamples, pooledEvaluationLoss, pooledTrainingLoss } from './adapted-loss.js';
import { inputVariances, linearEnvironment, type LinearTask } from './linear.js';
import { QuadraticLoss } from './quadratic-loss.js';

/** Losses at one theta, expected over every draw of batches and evaluation tasks but given the agents' tasks and their data. */
export interface LinearLosses {
  /** What training minimises: after one step, on disjoint support and query of the training data, mean over all agents' tasks. */
  readonly metaLoss: number;
  /** As the metrics of the same names have them, after one fine-tuning step. */
  readonly trainLoss: number;
  readonly newAgentsLoss: number;
  readonly newTasksLoss: number;
  /** newTasksLoss - trainLoss. */
  readonly gapLoss: number;
}

/**
 * What is known beforehand of a federation that learns a linear model of `linear` tasks with `maml` gradients: all its
 * expected losses are quadratic in theta = (W, b) [p + 1] (derived in `adapted-loss.ts`).
 *
 * For tasks of the prior, with a_j of {@link freshSamples}, the meta-loss is
 * sum_j a_j ((theta_j - mean_j)^2 + taskVariance [j is no bias]) + constant, least at the prior mean. A federation with
 * n T fixed tasks and unlimited samples of each is led to the mean of their weights instead, and loses by it on average
 * sum a_j taskVariance / (n T) on new tasks and as much less than the prior's on its own: the expected gap is twice
 * that. Finite pools add overfitting to the samples, which {@link LinearClosedForm.at} has exactly, given the pools.
 */
export class LinearClosedForm {
  /** (mean, 0) [p + 1], best for tasks of the prior, and its loss for them. */
  readonly populationOptimum: Float64Array;
  readonly populationLoss: number;
  /**
   * Gap at the optimum of training, expected over the agents' tasks too: 2 taskVariance A / (n T) + newTaskShift^2 A,
   * A = sum a_j over the inputs; without the first part when tasks are fresh every round. Null when tasks have finite
   * pools, where there is no such formula.
   */
  readonly expectedGap: number | null;
  /** What training converges to: the minimiser of `metaLoss` [p + 1]; null when the data leave it undetermined. */
  readonly optimum: Float64Array | null;
  /** The losses at `optimum`. */
  readonly atOptimum: LinearLosses | null;
  /** Least and greatest eigenvalue of the Hessian of `metaLoss`: gradient descent is stable for metaStep < 2 / greatest. */
  readonly curvature: { readonly least: number; readonly greatest: number };

  private readonly metaLoss: QuadraticLoss;
  private readonly trainLoss: QuadraticLoss;
  private readonly newAgentsLoss: QuadraticLoss;
  private readonly newTasksLoss: QuadraticLoss;

  /**
   * Takes O(n T (N^2 p + N p^2 + p^3)) operations.
   * @param innerStep alpha, of training and of the one fine-tuning step
   * @param seed of the run
   * @param agents n
   */
  constructor(task: LinearTask, innerStep: number, seed: number, agents: number) {
    const lambda = inputVariances(task);
    const { dimension, shots, taskMean, taskVariance, newTaskShift, noiseVariance, samplesPerTask, trainTasksPerAgent } = task;
    const fresh = freshSamples(lambda, shots, innerStep, noiseVariance);
    const inputWeight = fresh.weights.subarray(0, dimension).reduce((sum, weight) => sum + weight, 0);
    const ofPrior = (mean: number) => freshLoss(fresh, new Float64Array(dimension).fill(mean)).addConstant(taskVariance * inputWeight);

    this.newAgentsLoss = ofPrior(taskMean);
    this.newTasksLoss = ofPrior(taskMean + newTaskShift);
    this.populationOptimum = Float64Array.from({ length: dimension + 1 }, (_, index) => (index < dimension ? taskMean : 0));
    this.populationLoss = this.newAgentsLoss.valueAt(this.populationOptimum);

    const environment = linearEnvironment(task, { seed, agents, newAgents: 0, newTasks: 0 });
    const owned = Array.from({ length: agents }, (_, agent) => fixedTasks(trainTasksPerAgent, agent)).flat();
    const evaluated = Array.from({ length: agents }, (_, agent) => evaluatedTasks(trainTasksPerAgent, agent)).flat();
    const unlimited = samplesPerTask === null;
    this.metaLoss =
      owned.length === 0
        ? this.newAgentsLoss
        : meanOf(
            owned.map((address) =>
              unlimited
                ? freshLoss(fresh, environment.ruleAt(address))
                : pooledTrainingLoss(environment.poolAt(address, samplesPerTask), shots, innerStep),
            ),
          );
    this.trainLoss = meanOf(
      evaluated.map((address) => {
        const weights = environment.ruleAt(address);
        return unlimited
          ? freshLoss(fresh, weights)
          : pooledEvaluationLoss(environment.poolAt(address, samplesPerTask), weights, lambda, noiseVariance, shots, innerStep);
      }),
    );

    const ofTasks = owned.length === 0 ? 0 : (2 * taskVariance * inputWeight) / owned.length;
    this.expectedGap = unlimited || owned.length === 0 ? ofTasks + newTaskShift ** 2 * inputWeight : null;
    const curvatures = this.metaLoss.curvatures();
    this.curvature = { least: curvatures[0], greatest: curvatures[dimension] };
    this.optimum = this.metaLoss.minimiser();
    this.atOptimum = this.optimum && this.at(this.optimum);
  }

  /** @param theta (W, b) [p + 1] */
  at(theta: ArrayLike<number>): LinearLosses {
    const trainLoss = this.trainLoss.valueAt(theta);
    const newTasksLoss = this.newTasksLoss.valueAt(theta);
    return {
      metaLoss: this.metaLoss.valueAt(theta),
      trainLoss,
      newAgentsLoss: this.newAgentsLoss.valueAt(theta),
      newTasksLoss,
      gapLoss: newTasksLoss - trainLoss,
    };
  }
}

function meanOf(losses: readonly QuadraticLoss[]): QuadraticLoss {
  return losses.reduce((sum, loss) => sum.add(loss, 1 / losses.length), new QuadraticLoss(losses[0].d));
}
