import { Inject, Injectable } from '@nestjs/common';
import type { Persistence } from '@airmeta/persistence';
import type { Tracing } from '@airmeta/service';
import type { Logger } from 'pino';
import { LOGGER, TRACING, WHOLE_PERSISTENCE } from '../tokens.js';

/** Hands the trace of a submission on to the workers, with the experiment. */
@Injectable()
export class SubmissionTrace {
  constructor(
    @Inject(TRACING) private readonly tracing: Tracing,
    @Inject(WHOLE_PERSISTENCE) private readonly persistence: Persistence,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** Does not fail: the experiment is stored, and that is what was asked for. */
  async keep(experimentId: string): Promise<void> {
    const current = this.tracing.current();
    if (current === undefined) return;
    try {
      await this.persistence.traces.keep(experimentId, current);
    } catch (error) {
      this.log.warn({ err: error, experimentId }, 'the trace of a submission could not be kept');
    }
  }
}
