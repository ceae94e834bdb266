import { describe, expect, it } from 'vitest';
import { pointLabel } from './point-label.js';

describe('the label of a point', () => {
  it('is its swept values, with the axis’ last word where a value alone would not tell', () => {
    expect(pointLabel({ role: 'swept', axes: { 'uplink.snr': '10 dB' } })).toBe('10 dB');
    expect(pointLabel({ role: 'swept', axes: { 'uplink.compression': 0.4, 'uplink.snr': 'noiseless' } })).toBe(
      'compression 0.4, noiseless',
    );
    expect(pointLabel({ role: 'swept', axes: { 'uplink.memory': true, 'model.hidden': [32, 16] } })).toBe('memory true, hidden [32,16]');
  });

  it('says of a twin that it is ideal, and of what', () => {
    expect(pointLabel({ role: 'twin', axes: {} })).toBe('ideal uplink');
    expect(pointLabel({ role: 'twin', axes: { 'agents.count': 20 } })).toBe('ideal uplink, count 20');
  });

  it('says of a gain-matched twin which point it is one of', () => {
    expect(pointLabel({ role: 'matched', axes: { 'uplink.snr': '10 dB', 'agents.count': 20 } })).toBe(
      'gain-matched twin of 10 dB, count 20',
    );
    expect(pointLabel({ role: 'matched', axes: {} })).toBe('gain-matched twin of base');
  });

  it('is base where nothing is swept', () => {
    expect(pointLabel({ role: 'swept', axes: {} })).toBe('base');
  });
});
