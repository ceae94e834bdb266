export { measureBounds } from './bounds/measure-bounds.js';
export { initialState, type FederationState, type Protocol } from './federation.js';
export { playRound, type RoundDraws, type RoundResult } from './round.js';
export { evaluate, type Evaluation, type SetScore } from './evaluate.js';
export { linearClosedForm } from './linear-closed-form.js';
export { personalize, PersonalizationError, type Personalization } from './personalize.js';
export { parameterCountOf, simulate, type SimulationInputs, type SimulationStep } from './simulate.js';
export { activeAgents, compressedUses, entriesSent } from './sizes.js';
export { STAGES, type Stage, type StageObserver } from './stages.js';
