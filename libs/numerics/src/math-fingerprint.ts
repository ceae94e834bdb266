/**
 * Which elementary functions this JavaScript engine has. The language leaves the last bits of them open, and engines use that: `x ** y` of
 * Node 24 is not that of Node 20 and 22. Results depend on these bits, so what an engine computes with is found out by computing.
 */

/** Arguments per function. */
const ARGUMENTS = 1024;
/** Of a full-period generator modulo 2^32 (Numerical Recipes). */
const [MULTIPLIER, INCREMENT] = [1_664_525, 1_013_904_223];

type Elementary = (x: number, positive: number) => number;

/** Those whose rounding the standard leaves to the engine; x is in [-20, 20), positive in (0, 40). */
const FUNCTIONS: Readonly<Record<string, Elementary>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  exp: Math.exp,
  expm1: Math.expm1,
  log: (_, positive) => Math.log(positive),
  log1p: (_, positive) => Math.log1p(positive),
  log2: (_, positive) => Math.log2(positive),
  log10: (_, positive) => Math.log10(positive),
  power: (x, positive) => positive ** (x / 8),
  decibel: (x) => 10 ** (x / 10),
  hypot: (x, positive) => Math.hypot(x, positive),
  tanh: (x) => Math.tanh(x / 8),
  atan2: (x, positive) => Math.atan2(x, positive),
};

/** FNV-1a over 32-bit words, whatever the machine's byte order. */
function hashWords(words: Iterable<number>): number {
  let hash = 0x811c9dc5;
  for (const word of words) {
    for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((word >>> shift) & 0xff), 0x01000193);
  }
  return hash >>> 0;
}

/** @returns eight hexadecimal digits */
function fingerprintOf(functions: Readonly<Record<string, Elementary>>): string {
  const view = new DataView(new ArrayBuffer(8));
  function* words(): Generator<number> {
    let state = 1;
    const next = () => (state = (Math.imul(state, MULTIPLIER) + INCREMENT) >>> 0) / 2 ** 32;
    for (const elementary of Object.values(functions)) {
      for (let argument = 0; argument < ARGUMENTS; argument++) {
        view.setFloat64(0, elementary(40 * next() - 20, 40 * (next() + 2 ** -33)));
        yield view.getUint32(0);
        yield view.getUint32(4);
      }
    }
  }
  return hashWords(words()).toString(16).padStart(8, '0');
}

let own: string | undefined;

/**
 * Hash of the values of the elementary functions at fixed arguments: the same wherever they have the same bits, as far as these arguments tell.
 * @param functions other ones than this engine's
 * @returns eight hexadecimal digits
 */
export function mathFingerprint(functions?: Readonly<Record<string, Elementary>>): string {
  return functions ? fingerprintOf(functions) : (own ??= fingerprintOf(FUNCTIONS));
}
