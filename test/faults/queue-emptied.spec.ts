/** A queue that is emptied while a job waits in it is filled again from PostgreSQL. */
import type { Admission } from '@airmeta/lab';
import { openJobQueue } from '@airmeta/queue';
import { describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { queueKinds } from '../support/fault-form.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { expectExactlyOnce, evidenceOf } from '../support/sweep-evidence.js';
import { until } from '../support/until.js';

describe.concurrent('a queue that is emptied while jobs wait in it', () => {
  it.each(queueKinds())('is rebuilt in %s', { timeout: 600_000 }, async (queue) => {
    await inMortalLab({ queue, workers: 1 }, async (lab) => {
      const { pid } = await lab.workers[0];
      const client = lab.client();
      const jobs = await openJobQueue(lab.redis?.backend ?? { kind: 'postgres', connectionString: lab.database.url });
      // A worker that does not get to run, but whose slot counts: its job waits.
      process.kill(pid, 'SIGSTOP');
      const { id } = await client.submit(sinusoidSweep(), { force: true });
      const admitted = () =>
        lab.database.query<Admission>('SELECT id AS "runId", dispatch FROM runs WHERE admitted_at IS NOT NULL AND state = \'queued\'');
      await until('a run is handed to the queue', async () => {
        await lab.database.query('UPDATE workers SET seen_at = now()');
        const admissions = await admitted();
        return admissions.length === 1 && (await jobs.missing(admissions)).length === 0;
      });
      if (lab.redis) await lab.redis.wipe();
      else await lab.database.query('TRUNCATE bullmq.job CASCADE');
      await until('its job is found missing, and put back', async () => {
        await lab.database.query('UPDATE workers SET seen_at = now()');
        const admissions = await admitted();
        return admissions[0]?.dispatch >= 2 && (await jobs.missing(admissions)).length === 0;
      });
      await jobs.close();
      process.kill(pid, 'SIGCONT');
      for await (const _ of client.follow(id));
      const runs = await evidenceOf(lab.database, id);
      expectExactlyOnce(runs);
      expect(runs.map(({ fence }) => fence)).toEqual(runs.map(() => 1));
    });
  });
});
