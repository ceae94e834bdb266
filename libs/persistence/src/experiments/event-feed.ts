/** Reading events. */
import type { EventFeed, ExperimentEvent, ExperimentEventType } from '@airmeta/lab';
import type { JsonValue } from '@airmeta/spec';
import type { Database } from '../database/database.js';
import { isUuid } from '../database/identifier.js';

export function createEventFeed(database: Database): EventFeed {
  return {
    async eventsAfter(experimentId, sequence, limit): Promise<ExperimentEvent[]> {
      if (!isUuid(experimentId)) return [];
      const events = await database.client.event.findMany({
        where: { experimentId, sequence: { gt: sequence } },
        orderBy: { sequence: 'asc' },
        take: limit,
      });
      return events.map((event) => ({ ...event, type: event.type as ExperimentEventType, data: event.data as JsonValue }));
    },
  };
}
