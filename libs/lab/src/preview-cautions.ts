/** What a preview warns of: points that are allowed, and will tell nothing. */
import { gainTail } from '@airmeta/numerics';
import { byteSize, gainLaw, type ExpandedExperiment, type OverTheAirSpec, type PointSpec } from '@airmeta/spec';

export interface PreviewCaution {
  readonly message: string;
  /** Indices of the points it is about. */
  readonly points: readonly number[];
}

/** Below this probability that anybody ever sends in a run, it is said. */
const HARDLY_EVER = 1e-3;

type Inverting = PointSpec & { readonly uplink: OverTheAirSpec };

function invertsGains(config: PointSpec): config is Inverting {
  return config.uplink.kind === 'over-the-air' && config.uplink.powerControl === 'truncated-inversion';
}

/**
 * Under truncated inversion an agent sends when |h| is at least the threshold, of probability p. The expected number of times that one of s
 * active agents does in T rounds is s T p, whatever the gains have to do with one another, and the probability that it happens at all is no more.
 */
function nobodySends({ uplink, agents, rounds }: Inverting): string | null {
  const { share } = gainTail(gainLaw(uplink.fading), uplink.truncationThreshold);
  const active = Math.floor(agents.participation * agents.count + 0.5);
  if (active * rounds * share >= HARDLY_EVER) return null;
  return (
    `nobody is likely to send anything in a whole run: |h| reaches the truncation threshold of ${uplink.truncationThreshold} with ` +
    `probability ${share.toPrecision(2)}, and ${active} agents have ${rounds} rounds to`
  );
}

/** How large checkpoints may be, and how large they are. */
export interface CheckpointAllowance {
  /** Bytes of the largest one that is kept. */
  readonly limit: number;
  /** Bytes of one of a run of this configuration, at its end. */
  readonly bytesOf: (config: PointSpec) => number;
}

function cannotBeResumed(config: PointSpec, { limit, bytesOf }: CheckpointAllowance): string | null {
  const bytes = bytesOf(config);
  if (bytes <= limit) return null;
  return (
    `a run that is interrupted begins again, at round 0 or where its checkpoints grew too large: one takes about ${byteSize(bytes)}, and this lab ` +
    `keeps none over ${byteSize(limit)} (AIRMETA_CHECKPOINT_MB)`
  );
}

/** @param checkpoints what is kept of interrupted runs; without it, nothing is said of that */
export function previewCautions({ points }: Pick<ExpandedExperiment, 'points'>, checkpoints?: CheckpointAllowance): PreviewCaution[] {
  const byMessage = new Map<string, number[]>();
  const say = (message: string | null, index: number) => {
    if (message === null) return;
    const indices = byMessage.get(message);
    if (indices) indices.push(index);
    else byMessage.set(message, [index]);
  };
  const known = new Map<string, string | null>();
  for (const { index, config } of points) {
    if (checkpoints) say(cannotBeResumed(config, checkpoints), index);
    if (!invertsGains(config)) continue;
    const key = JSON.stringify([config.uplink, config.agents, config.rounds]);
    let message = known.get(key);
    if (message === undefined) known.set(key, (message = nobodySends(config)));
    say(message, index);
  }
  return Array.from(byMessage, ([message, indices]) => ({ message, points: indices }));
}
