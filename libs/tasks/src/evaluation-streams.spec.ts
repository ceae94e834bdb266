import { describe, expect, it } from 'vitest';
import { evaluatedAgents } from './evaluation-streams.js';

const request = { seed: 4, agents: 1000, newAgents: 1, newTasks: 1 };

describe('the training agents that are evaluated', () => {
  it('are all, unless fewer are asked for', () => {
    for (const trainAgents of [undefined, 1000, 5000]) {
      const agents = evaluatedAgents(trainAgents === undefined ? request : { ...request, trainAgents });
      expect([...agents]).toEqual(Array.from({ length: 1000 }, (_, agent) => agent));
    }
  });

  it('are otherwise so many of them, drawn once, increasing', () => {
    const agents = evaluatedAgents({ ...request, trainAgents: 100 });
    expect(agents).toHaveLength(100);
    expect([...new Set(agents)]).toEqual([...agents].toSorted((a, b) => a - b));
    expect(Math.max(...agents)).toBeLessThan(1000);
    expect(evaluatedAgents({ ...request, trainAgents: 100 })).toEqual(agents);
    expect(evaluatedAgents({ ...request, seed: 5, trainAgents: 100 })).not.toEqual(agents);
  });
});
