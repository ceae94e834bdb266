/** The PyTorch program that airmeta is compared with: where it is, what it needs, and what it says. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { BenchmarkError } from './benchmark-error.js';
import type { ConfigurationName } from './configurations.js';
import { environment } from './environment.js';
import { lastLine, runProgram } from './program.js';

/** Ways it can compute the agents' gradients; `loop`, its third, is never the fastest. */
export const PEER_BACKENDS = ['bmm', 'vmap'] as const;
export type PeerBackend = (typeof PEER_BACKENDS)[number];

const PYTHONS = ['python3', '/usr/bin/python3'];
const INSTALL = 'apt-get install -y --no-install-recommends python3-torch python3-numpy libopenblas0-pthread';

const ONE_THREAD = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };

const reportSchema = z.object({
  backend: z.string(),
  /** d, transform length, k, M. */
  d: z.number(),
  dft: z.number(),
  k: z.number(),
  M: z.number(),
  /** `eval` is the median over calls, of which one evaluates the training tasks and one the new tasks. */
  median_ms: z.object({
    data: z.number(),
    grad: z.number(),
    topk: z.number(),
    air: z.number(),
    decode: z.number(),
    round: z.number(),
    eval: z.number(),
  }),
  roundsPerSecond: z.number().positive(),
  /** Of the last round only. */
  nmseDb: z.number(),
});

export type PeerReport = z.output<typeof reportSchema>;

const logSchema = z.array(z.object({ nmseDb: z.number() }));

export interface PeerRun {
  readonly config: ConfigurationName;
  readonly backend: PeerBackend;
  readonly rounds: number;
  readonly warmup: number;
}

/** Its program and the Python that runs it. */
export class PeerProgram {
  private constructor(
    readonly path: string,
    readonly python: string,
    /** Of PyTorch and numpy. */
    readonly versions: string,
  ) {}

  /**
   * @param path where it is; by default AIRMETA_PEER
   * @throws BenchmarkError saying everything that is missing and how to get it
   */
  static async find(path?: string): Promise<PeerProgram> {
    const program = findProgram(path);
    const python = await findPython();
    const missing = [program, python].flatMap((found) => (found.kind === 'missing' ? [found.message] : []));
    if (program.kind === 'missing' || python.kind === 'missing') throw new BenchmarkError(missing.join('\n'));
    return new PeerProgram(program.path, python.path, python.versions);
  }

  /** @throws BenchmarkError when it fails, with the last thing it said */
  async run(run: PeerRun): Promise<PeerReport> {
    const said = await this.execute(run, []);
    return this.parsed(reportSchema, lastLine(said));
  }

  /** NMSE against the faded sum [dB] after every `every`th round, from a run of its own because each evaluation takes time. */
  async decodingErrors(run: PeerRun, every: number): Promise<number[]> {
    const folder = await mkdtemp(join(tmpdir(), 'airmeta-bench-'));
    try {
      const log = join(folder, 'log.json');
      await this.execute(run, ['--evalEvery', String(every), '--out', log]);
      return this.parsed(logSchema, readFileSync(log, 'utf8')).map(({ nmseDb }) => nmseDb);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async execute({ config, backend, rounds, warmup }: PeerRun, more: readonly string[]): Promise<string> {
    const length = ['--rounds', String(rounds), '--warmup', String(warmup)];
    const args = [this.path, '--config', config, '--backend', backend, '--threads', '1', '--pad', '--json', ...length, ...more];
    const { code, stdout, stderr } = await runProgram(this.python, args, ONE_THREAD);
    if (code !== 0)
      throw new BenchmarkError(`the peer failed on ${config} with back end ${backend}: ${lastLine(stderr) || `exit code ${code}`}`);
    return stdout;
  }

  private parsed<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
    try {
      return schema.parse(JSON.parse(text));
    } catch (error) {
      if (error instanceof z.ZodError) throw new BenchmarkError(`${this.path} reports in an unknown form: ${z.prettifyError(error)}`);
      if (error instanceof SyntaxError) throw new BenchmarkError(`${this.path} did not report in JSON: ${error.message}`);
      throw error;
    }
  }
}

interface Missing {
  readonly kind: 'missing';
  readonly message: string;
}

function findProgram(named: string | undefined): Missing | { readonly kind: 'found'; readonly path: string } {
  const given = named ?? environment.AIRMETA_PEER;
  if (given === undefined) return { kind: 'missing', message: "say where the peer's program is with --peer <program>, or in AIRMETA_PEER" };
  const path = resolve(given);
  if (existsSync(path)) return { kind: 'found', path };
  return { kind: 'missing', message: `the peer's program is not at ${path}: say where it is with --peer <program>, or in AIRMETA_PEER` };
}

async function findPython(): Promise<Missing | { readonly kind: 'found'; readonly path: string; readonly versions: string }> {
  const reasons: string[] = [];
  for (const path of PYTHONS) {
    const { code, stdout, stderr } = await runProgram(path, [
      '-c',
      'import torch, numpy; print(f"torch {torch.__version__}, numpy {numpy.__version__}")',
    ]);
    if (code === 0) return { kind: 'found', path, versions: stdout.trim() };
    reasons.push(`  ${path}: ${lastLine(stderr) || `exit code ${code}`}`);
  }
  const message = `no Python with torch and numpy:\n${reasons.join('\n')}\n  on Debian: ${INSTALL}`;
  return { kind: 'missing', message };
}
