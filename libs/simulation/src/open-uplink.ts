/** From the uplink of a specification to the one that carries updates. */
import {
  createDigitalUplink,
  createDoubleUplink,
  createGainMatchedUplink,
  createIdealUplink,
  createSingleUplink,
  type OverTheAirLink,
  type PowerControl,
  type Uplink,
} from '@airmeta/channel';
import { createExactFourier, fastLength } from '@airmeta/numerics';
import { goesThroughChannel, inRadians, powerWatt, snrDb, type OverTheAirSpec, type PointSpec, type UplinkSpec } from '@airmeta/spec';
import { activeAgents, channelUses, entriesSent, transformLength } from './sizes.js';

/** N0 = P / 10^(snr/10) [watt per complex channel use]; 0 when noiseless or without a channel. */
export function noiseVarianceOf(uplink: UplinkSpec): number {
  if (!goesThroughChannel(uplink)) return 0;
  const snr = snrDb(uplink.snr);
  return snr === null ? 0 : powerWatt(uplink.power) / 10 ** (snr / 10);
}

/** Power controls as the channel takes them. */
const POWER_CONTROLS: Readonly<Record<OverTheAirSpec['powerControl'], (spec: OverTheAirSpec) => PowerControl>> = {
  'phase-only': () => ({ kind: 'phase-only' }),
  'truncated-inversion': ({ truncationThreshold }) => ({ kind: 'truncated-inversion', threshold: truncationThreshold }),
};

/** The uplink of a specification, for d parameters. */
export async function openUplink(spec: UplinkSpec, agents: PointSpec['agents'], d: number): Promise<Uplink> {
  switch (spec.kind) {
    case 'ideal':
      return createIdealUplink(d, entriesSent(spec, d));
    case 'gain-matched':
      return createGainMatchedUplink(d);
    case 'digital': {
      const link = { powerWatt: powerWatt(spec.power), noiseVariance: noiseVarianceOf(spec), bitsPerEntry: spec.quantizationBits };
      return createDigitalUplink(link, { d, entries: entriesSent(spec, d), uses: channelUses(spec, d) });
    }
    case 'over-the-air':
      return openAirUplink(spec, agents, d);
  }
}

/** By kernels where their transform is the one that was asked for. */
async function openAirUplink(spec: OverTheAirSpec, agents: PointSpec['agents'], d: number): Promise<Uplink> {
  const entries = entriesSent(spec, d);
  const link: OverTheAirLink = {
    powerControl: POWER_CONTROLS[spec.powerControl](spec),
    powerWatt: powerWatt(spec.power),
    noiseVariance: noiseVarianceOf(spec),
    meanGain: spec.fading.meanGain,
    phaseDeviation: inRadians(spec.phaseError),
    decoder: spec.decoder,
    estimate: spec.estimate,
  };
  if (spec.transform === 'exact' || transformLength(spec, d) !== fastLength(d)) {
    return createDoubleUplink(link, createExactFourier(d), entries);
  }
  return createSingleUplink(link, { d, agents: activeAgents(agents), entries, uses: channelUses(spec, d) });
}
