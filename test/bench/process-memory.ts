/** Memory of a process as Linux keeps it, its threads included; 1 MB = 10^6 bytes. */
import { readFile } from 'node:fs/promises';
import { BenchmarkError } from './benchmark-error.js';

async function field(pid: number, name: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status);
  if (!found) throw new BenchmarkError(`/proc/${pid}/status does not tell ${name}`);
  return (Number(found[1]) * 1024) / 1e6;
}

/** The most it has had at once. @throws BenchmarkError */
export function peakMemoryMb(pid: number): Promise<number> {
  return field(pid, 'VmHWM');
}

/** What it has now. @throws BenchmarkError */
export function residentMemoryMb(pid: number): Promise<number> {
  return field(pid, 'VmRSS');
}
