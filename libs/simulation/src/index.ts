export type { FederationState, Protocol, Uplink } from './federation.js';
export { playRound, type RoundDraws, type RoundResult } from './round.js';
export { evaluate, type Evaluation, type SetScore } from './evaluate.js';
export { parameterCountOf, simulate, type SimulationInputs, type SimulationStep } from './simulate.js';
