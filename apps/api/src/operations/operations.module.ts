import { Module } from '@nestjs/common';
import type { Persistence } from '@airmeta/persistence';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { METRICS_REGISTRY, WHOLE_PERSISTENCE } from '../tokens.js';
import { registerDiskMetrics } from './disk-metrics.js';
import { registerLabMetrics } from './lab-metrics.js';
import { DiskController } from '../rest/disk.controller.js';
import { DiskWatch } from './disk-watch.js';
import { MetricsController } from './metrics.controller.js';

/** What those who keep the lab running look at. */
@Module({
  controllers: [MetricsController, DiskController],
  providers: [
    DiskWatch,
    {
      provide: METRICS_REGISTRY,
      inject: [WHOLE_PERSISTENCE],
      useFactory: ({ figures, disk }: Persistence): Registry => {
        const registry = new Registry();
        collectDefaultMetrics({ register: registry });
        registerLabMetrics(registry, figures);
        registerDiskMetrics(registry, disk);
        return registry;
      },
    },
  ],
})
export class OperationsModule {}
