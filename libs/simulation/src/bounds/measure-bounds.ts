/** A run beside the bounds of the theory: templates with constants estimated from the run itself. */
import { leastBits } from '@airmeta/channel';
import { architectureOf, type MetaGradientRule } from '@airmeta/learning';
import {
  BOUND_CONSTANTS,
  goesThroughChannel,
  type ChannelSpec,
  powerWatt,
  type BoundConstants,
  type BoundsAtRound,
  type BoundsReport,
  type ConstantEstimate,
  type OverTheAirSpec,
  type PointSpec,
  type SimulationOutcome,
} from '@airmeta/spec';
import { createTaskEnvironment } from '@airmeta/tasks';
import { metaStepAt } from '../meta-step.js';
import type { RunProbe } from '../run-probe.js';
import { noiseVarianceOf } from '../open-uplink.js';
import { simulate, type SimulationInputs } from '../simulate.js';
import { activeAgents, channelUses, entriesSent } from '../sizes.js';
import { agentLosses, type AgentLoss } from './agent-losses.js';
import { boundConditions } from './bound-conditions.js';
import { ConstantsProbe } from './constants-probe.js';
import { convergenceTemplate, metaConstants, sumOfTerms, type BoundSettings } from './convergence-template.js';
import { expectedSquaredSum, greatestSquaredSum, sendingGains } from './gain-moments.js';
import { gapBound, receivedInformation } from './generalization-template.js';

/** What was measured at an evaluated round. */
interface Measured {
  readonly round: number;
  /** ||grad F(theta)||^2. */
  readonly gradientEnergy: number;
  readonly environmentGap: number;
  readonly newTasksGap: number;
}

/**
 * Plays a run and measures the constants of the theory along it. Its records are those of {@link simulate} without the measurement, which has
 * a learner, batches and random numbers of its own, and takes far longer than an evaluation at every evaluated round.
 * @throws DatasetError when the data cannot serve the task
 */
export async function measureBounds(inputs: Omit<SimulationInputs, 'probe'>): Promise<BoundsReport> {
  const { config, seed, engines, images } = inputs;
  const { agents, meta } = config;
  const tasks = createTaskEnvironment(config.task, { seed, agents: agents.count, newAgents: 0, newTasks: 0 }, images);
  const losses = agentLosses(tasks, config);
  const architecture = architectureOf(config.model, tasks.shape);
  const learner = (await engines.engineFor(config.engine, architecture)).createLearner(architecture);
  const rule: MetaGradientRule = { kind: meta.gradient, innerStep: meta.innerStep, innerSteps: meta.innerSteps, delta: meta.delta };
  const constantsProbe = new ConstantsProbe(learner, losses, rule, seed);
  const measured: Measured[] = [];
  const probe: RunProbe = {
    evaluated(round, theta, { train, newAgents, newTasks }) {
      const gradientEnergy = constantsProbe.evaluated(round, theta, newAgents.losses);
      measured.push({ round, gradientEnergy, environmentGap: newAgents.loss - train.loss, newTasksGap: newTasks.loss - train.loss });
    },
    played: (metaStep, report) => constantsProbe.played(metaStep, activeAgents(agents), report),
  };
  const outcome = await played({ ...inputs, probe });

  const estimates = constantsProbe.estimates();
  const constants = valuesOf(estimates);
  const settings = settingsOf(config, losses, architecture.parameterCount);
  const derived = metaConstants(constants, settings);
  return {
    outcome,
    constants: estimates,
    metaSmoothness: derived.smoothness,
    metaVariance: derived.variance,
    metaHeterogeneity: derived.heterogeneity,
    secantMetaSmoothness: constantsProbe.secantMetaSmoothness,
    conditions: boundConditions(config, constants, settings),
    rounds: boundsAlong(measured, config, constants, settings, architecture.parameterCount),
  };
}

async function played(inputs: SimulationInputs): Promise<SimulationOutcome> {
  const steps = simulate(inputs);
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

function valuesOf(estimates: Readonly<Record<keyof BoundConstants, ConstantEstimate>>): BoundConstants {
  return Object.fromEntries(BOUND_CONSTANTS.map((name) => [name, estimates[name].value])) as BoundConstants;
}

function settingsOf({ agents, meta, rounds, uplink }: PointSpec, [{ episodes }]: readonly AgentLoss[], d: number): BoundSettings {
  const [{ support, query, hessian = support }] = episodes;
  let [greatest, sum] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const metaStep = metaStepAt(meta.metaStep, round, rounds);
    greatest = Math.max(greatest, metaStep);
    sum += metaStep;
  }
  return {
    innerStep: meta.gradient === 'none' ? 0 : meta.innerStep,
    metaStep: greatest,
    meanMetaStep: typeof meta.metaStep === 'number' ? meta.metaStep : sum / rounds,
    localSteps: meta.localSteps,
    agents: agents.count,
    activeAgents: activeAgents(agents),
    sparsity: entriesSent(uplink, d) / d,
    support: support.size,
    query: query.size,
    hessian: hessian.size,
  };
}

interface SendingRule {
  /** Least |h| with which an agent sends. */
  threshold(uplink: OverTheAirSpec): number;
  /** Whether an agent's power goes with its gain. */
  readonly inverts: boolean;
}

const SENDING_RULES: Readonly<Record<OverTheAirSpec['powerControl'], SendingRule>> = {
  'phase-only': { threshold: () => 0, inverts: false },
  'truncated-inversion': { threshold: ({ truncationThreshold }) => truncationThreshold, inverts: true },
};

/** Least |h| with which an agent sends under a power of P in every round; more power only lowers it. */
function sendingThreshold(uplink: ChannelSpec, channelUses: number, active: number, d: number): number {
  if (uplink.kind === 'over-the-air') return SENDING_RULES[uplink.powerControl].threshold(uplink);
  const least = leastBits(d, uplink.quantizationBits);
  return Math.sqrt(((2 ** ((least * active) / channelUses) - 1) * noiseVarianceOf(uplink)) / (active * powerWatt(uplink.power)));
}

/** I after so many rounds [nat]; nothing limits it where the exact mean arrives. */
function informationAfter({ uplink, agents }: PointSpec, d: number, rounds: number): number {
  if (!goesThroughChannel(uplink)) return Infinity;
  const uses = channelUses(uplink, d);
  const active = activeAgents(agents);
  // In every round at most P, whoever sends; on average, all that there is in the rounds in which an agent sends.
  const onAverage = uplink.powerConstraint === 'average';
  const inverts = uplink.kind === 'over-the-air' && SENDING_RULES[uplink.powerControl].inverts;
  const gains = sendingGains(uplink.fading, onAverage ? sendingThreshold(uplink, uses, active, d) : 0);
  // What sends next to never has no bound here: its power then has none.
  if (gains.share === 0) return Infinity;
  const received = {
    channelUses: uses,
    powerWatt: powerWatt(uplink.power) * (onAverage ? agents.count / (active * gains.share) : 1),
    noiseVariance: noiseVarianceOf(uplink),
    squaredGainSum: onAverage && inverts ? greatestSquaredSum(gains, active) : expectedSquaredSum(gains, active),
  };
  return receivedInformation(received, rounds);
}

function boundsAlong(
  measured: readonly Measured[],
  config: PointSpec,
  constants: BoundConstants,
  settings: BoundSettings,
  d: number,
): BoundsAtRound[] {
  let energySum = 0;
  return measured.slice(1).map(({ round, environmentGap, newTasksGap }, index) => {
    const before = measured[index];
    energySum += before.gradientEnergy * (round - before.round);
    const terms = convergenceTemplate(constants, settings, round);
    const informationNats = informationAfter(config, d, round);
    return {
      ...{ round, terms, convergenceBound: sumOfTerms(terms), meanGradientEnergy: energySum / round },
      ...{ informationNats, gapBound: gapBound(constants.lossProxy, informationNats, settings.agents) },
      ...{ environmentGap, newTasksGap },
    };
  });
}
