/** Sweeps of runs that are as short as can be, so that what is measured is the lab and not the simulation. */

/** Runs of one round of a tiny network on sine waves. */
export const ONE_ROUND = {
  task: { family: 'sinusoid', shots: 2, queries: 2, trainTasksPerAgent: 1 },
  model: { kind: 'mlp', hidden: [4] },
  agents: { count: 2, participation: 0.5 },
  rounds: 1,
  evaluate: { every: 1, newTasks: 1, newAgents: 1, fineTuneSteps: 1 },
} as const;

/** The runs are `points` noise levels times `replicates`. */
export function oneRoundSweep(name: string, points: number, replicates: number): string {
  return JSON.stringify({
    version: 1,
    name,
    base: { ...ONE_ROUND, uplink: { kind: 'over-the-air', snr: '0 dB' } },
    sweep: { grid: { 'uplink.snr': Array.from({ length: points }, (_, index) => `${index / 10} dB`) } },
    replicates,
    idealTwins: false,
  });
}
