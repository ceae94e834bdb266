import { Module } from '@nestjs/common';
import type { Persistence } from '@airmeta/persistence';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { METRICS_REGISTRY, WHOLE_PERSISTENCE } from '../tokens.js';
import { registerLabMetrics } from './lab-metrics.js';
import { MetricsController } from './metrics.controller.js';

/** What those who keep the lab running look at. */
@Module({
  controllers: [MetricsController],
  providers: [
    {
      provide: METRICS_REGISTRY,
      inject: [WHOLE_PERSISTENCE],
      useFactory: ({ figures }: Persistence): Registry => {
        const registry = new Registry();
        collectDefaultMetrics({ register: registry });
        registerLabMetrics(registry, figures);
        return registry;
      },
    },
  ],
})
export class OperationsModule {}
