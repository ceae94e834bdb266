/** Sweeps of runs that are as short as can be, so that what is measured is the lab and not the simulation. */

/** Runs of one round of a tiny network on sine waves. */
export const ONE_ROUND = {
  task: { family: 'sinusoid', shots: 2, queries: 2, trainTasksPerAgent: 1 },
  model: { kind: 'mlp', hidden: [4] },
  agents: { count: 2, participation: 0.5 },
  rounds: 1,
  evaluate: { every: 1, newTasks: 1, newAgents: 1, fineTuneSteps: 1 },
} as const;

const LARGEST_STEP_DB = 0.1;
const HIGHEST_SNR_DB = 100;

/** The runs are `points` noise levels, up to 10,000 between 0 and 100 dB, times `replicates`. */
export function oneRoundSweep(name: string, points: number, replicates: number): string {
  const step = Math.min(LARGEST_STEP_DB, HIGHEST_SNR_DB / points);
  return JSON.stringify({
    version: 1,
    name,
    base: { ...ONE_ROUND, uplink: { kind: 'over-the-air', snr: '0 dB' } },
    sweep: { grid: { 'uplink.snr': Array.from({ length: points }, (_, index) => `${(index * step).toFixed(2)} dB`) } },
    replicates,
    idealTwins: false,
  });
}
