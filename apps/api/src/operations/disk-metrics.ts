/** What the lab takes on disk as metrics. What cannot be told, or has no limit, is left out. */
import type { DiskStore } from '@airmeta/lab';
import type { DiskUsage } from '@airmeta/spec';
import { Gauge, type Registry } from 'prom-client';
import { keepBriefly } from './keep-briefly.js';

const GAUGES: Readonly<Record<keyof DiskUsage, readonly [name: string, help: string]>> = {
  databaseBytes: ['airmeta_database_bytes', 'Size of the lab’s database.'],
  freeBytes: ['airmeta_database_free_bytes', 'Free room of the disk of the database, where that can be told.'],
  keptBytes: ['airmeta_kept_bytes', 'Parameters and last checkpoints of runs that have ended.'],
  keptBytesLimit: ['airmeta_kept_bytes_limit', 'Most of these that the lab keeps, where there is a limit.'],
};

export function registerDiskMetrics(registry: Registry, disk: Pick<DiskStore, 'usage'>): void {
  const usage = keepBriefly(() => disk.usage());
  for (const key of Object.keys(GAUGES) as (keyof DiskUsage)[]) {
    const [name, help] = GAUGES[key];
    new Gauge({
      ...{ name, help, registers: [registry] },
      async collect() {
        const value = (await usage())[key];
        if (value === null) this.remove();
        else this.set(value);
      },
    });
  }
}
