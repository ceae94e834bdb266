/** What the template asks of a run. */
import { goesThroughChannel, matchedUplink, type BoundCondition, type BoundConstants, type PointSpec } from '@airmeta/spec';
import { greatestMetaStep, metaConstants, type BoundSettings } from './convergence-template.js';

const figure = (value: number) => value.toPrecision(3);

/** Every condition with its figures; one that does not hold is said, and the bounds are shown all the same. */
export function boundConditions(config: PointSpec, constants: BoundConstants, settings: BoundSettings): BoundCondition[] {
  const { meta, uplink } = config;
  const { innerStep, metaStep, sparsity } = settings;
  const greatest = greatestMetaStep(metaConstants(constants, settings), settings);
  const memory = !goesThroughChannel(uplink) || uplink.memory || sparsity === 1;
  const covered = (meta.gradient === 'maml' || meta.gradient === 'exact' || meta.gradient === 'none') && meta.innerSteps === 1;
  return [
    {
      condition: 'eta <= 1 / (sqrt(240) Q L_F)',
      holds: metaStep <= greatest,
      detail: `eta is ${figure(metaStep)}, the right side ${figure(greatest)}`,
    },
    {
      condition: 'alpha <= 1 / L',
      holds: innerStep * constants.smoothness <= 1,
      detail: `alpha is ${figure(innerStep)}, the right side ${figure(1 / constants.smoothness)}`,
    },
    {
      condition: 'constant eta',
      holds: typeof meta.metaStep === 'number',
      detail:
        typeof meta.metaStep === 'number'
          ? `eta is ${figure(metaStep)}`
          : `eta decays: its greatest value stands for it, its mean in the first term`,
    },
    {
      condition: 'memory of what is not sent',
      holds: memory,
      detail: memory ? 'the run has it, or sends everything' : 'without memory the sparsification term does not bound what is lost',
    },
    {
      condition: 'a meta-gradient of one inner step with its Hessian',
      holds: covered,
      detail: `${meta.gradient}, ${meta.innerSteps === 1 ? '1 inner step' : `${meta.innerSteps} inner steps`}`,
    },
    ...(matchedUplink(uplink)
      ? [
          {
            condition: 'an update gain of 1',
            holds: false,
            detail: 'the run is gain-matched: its step is eta times the gain of every round',
          },
        ]
      : []),
  ];
}
