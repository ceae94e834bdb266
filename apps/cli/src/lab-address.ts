/** Addresses of a lab: what is wrong with one, and where a lab answers instead. */
import { UnexpectedAnswerError, RefusedError, UnreachableError } from '@airmeta/client';
import { DEFAULT_URL } from './config.js';
import { UsageError } from './exit.js';

/** @param source what it was taken from, such as AIRMETA_URL @throws UsageError with what to write instead */
export function requireLabAddress(text: string, source: string): string {
  if (!/^https?:\/\//i.test(text)) {
    const completed = `http://${text.replace(/^\/+/, '')}`;
    const suggestion = !text.includes('://') && URL.canParse(completed) ? completed : DEFAULT_URL;
    throw new UsageError(`${source} must begin with http:// or https://, such as ${suggestion}`);
  }
  if (!URL.canParse(text)) throw new UsageError(`${source} is no address of a lab, such as ${DEFAULT_URL}`);
  const { username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') {
    throw new UsageError(`${source} holds a name or a password, and a lab knows its callers by AIRMETA_TOKEN: write the address without`);
  }
  if (search !== '' || hash !== '') {
    throw new UsageError(`${source} must end with its host, port or path: leave out ${search || hash}`);
  }
  return text;
}

const PROBE_MS = 2_000;
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_|ERR_TLS_CERT/;

/** What else could be meant: the other scheme, and every path above. */
function* alternatives(address: string): Generator<string> {
  const url = new URL(address);
  const parts = url.pathname.split('/').filter((part) => part !== '');
  for (let kept = parts.length; kept >= 0; kept--) {
    for (const protocol of [url.protocol, url.protocol === 'http:' ? 'https:' : 'http:']) {
      yield `${protocol}//${url.host}/${parts.slice(0, kept).join('/')}`.replace(/\/$/, '');
    }
  }
}

/** Whether a lab lives there, by a question that tells nothing of who asks. */
async function answersAsLab(address: string): Promise<boolean> {
  try {
    const answer = await fetch(`${address}/health/live`, { signal: AbortSignal.timeout(PROBE_MS), redirect: 'error' });
    return answer.ok && ((await answer.json()) as { status?: unknown } | null)?.status === 'ok';
  } catch {
    return false; // nobody, or somebody else
  }
}

function causes(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return `${'code' in error ? String(error.code) : ''} ${causes(error.cause)}`;
}

/** The address that was asked, when this is how it fails that no lab is there. */
function misplacedAddress(error: unknown, asked: () => string): string | undefined {
  if (error instanceof UnreachableError) return error.url;
  if (error instanceof UnexpectedAnswerError) return asked();
  return error instanceof RefusedError && error.problem.status === 404 && new URL(asked()).pathname !== '/' ? asked() : undefined;
}

/**
 * A sentence about an address at which no lab answered as it should; undefined when there is nothing to say.
 * @param asked where commands look for a lab
 */
export async function adviceOn(error: unknown, asked: () => string): Promise<string | undefined> {
  const address = misplacedAddress(error, asked);
  if (address === undefined) return undefined;
  if (UNTRUSTED.test(causes(error))) {
    return `its certificate is not trusted here: set NODE_EXTRA_CA_CERTS to the file of its authority`;
  }
  const given = address.replace(/\/+$/, '');
  const found = await Promise.all(
    [...alternatives(address)].map(async (alternative) => ((await answersAsLab(alternative)) ? alternative : undefined)),
  );
  const there = found.find((alternative) => alternative !== undefined);
  return there === undefined || there === given ? undefined : `a lab answers at ${there}: set AIRMETA_URL=${there}`;
}
