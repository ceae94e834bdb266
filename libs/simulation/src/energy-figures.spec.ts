import { pointSchema, type PointSpec } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { energyFigures } from './energy-figures.js';

const D = 100;

/** Four agents of which two are active, M = 40 channel uses, P = 2 W. */
function configure(uplink: object): PointSpec {
  return pointSchema.parse({
    task: { family: 'sinusoid' },
    agents: { count: 4, participation: 0.5 },
    uplink: { kind: 'over-the-air', transform: 'exact', compression: 0.4, power: '2 W', ...uplink },
  });
}

describe('energy so far', () => {
  const spent = new Map([
    [0, 80],
    [3, 20],
  ]);

  it('is told as the power of the agent that spent most, and as a share of what active agents may spend', () => {
    // 5 rounds of 40 uses: 80 / 200 W; 2 agents a round may spend 80 each.
    expect(energyFigures(configure({}), D, 5, spent)).toEqual({ averagePowerWatt: 0.4, energyShare: 100 / (5 * 2 * 80) });
  });

  it('is a share of what all agents may spend where those who are not active save it', () => {
    const figures = energyFigures(configure({ powerConstraint: 'average' }), D, 5, spent);
    expect(figures).toEqual({ averagePowerWatt: 0.4, energyShare: 100 / (5 * 4 * 80) });
  });

  it('is none of nobody who sends, and null without a channel or a round', () => {
    expect(energyFigures(configure({}), D, 5, new Map())).toEqual({ averagePowerWatt: 0, energyShare: 0 });
    expect(energyFigures(configure({}), D, 0, new Map())).toEqual({ averagePowerWatt: null, energyShare: null });
    const ideal = pointSchema.parse({ task: { family: 'sinusoid' }, uplink: { kind: 'ideal' } });
    expect(energyFigures(ideal, D, 5, new Map())).toEqual({ averagePowerWatt: null, energyShare: null });
  });
});
