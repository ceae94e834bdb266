/** The same thing asked for several times at once is done once. */
import { describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { claimsOf, evidenceOf, resultsOf } from '../support/sweep-evidence.js';

const AUTH = { AIRMETA_AUTH: 'on', AIRMETA_LOG_LEVEL: 'info' };

describe.concurrent('at once', { timeout: 600_000 }, () => {
  it('20 requests with one idempotency key make one experiment', async () => {
    await inMortalLab({ workers: 0, environment: AUTH }, async (lab) => {
      const [ada, ben] = [lab.client(await lab.join('ada')), lab.client(await lab.join('ben'))];
      const key = { idempotencyKey: 'the-same' };
      const made = await Promise.all(Array.from({ length: 20 }, () => ada.submit(sinusoidSweep(), key)));
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      expect((await ada.experiments(10)).items).toHaveLength(1);
      // Another member's key is another key; for something else, the same key is a mistake.
      expect((await ben.submit(sinusoidSweep(), key)).id).not.toBe(made[0].id);
      await expect(ada.submit(sinusoidSweep({ rounds: 7 }), key)).rejects.toMatchObject({ problem: { status: 422 } });
    });
  });

  it('two members who submit the same sweep make one computation', async () => {
    await inMortalLab({ workers: 2, environment: AUTH }, async (lab) => {
      const members = [lab.client(await lab.join('ada')), lab.client(await lab.join('ben'))];
      const specification = sinusoidSweep({ rounds: 400 });
      const experiments = await Promise.all(members.map((member) => member.submit(specification)));
      const summaries = await Promise.all(
        experiments.map(async ({ id }, member) => {
          for await (const _ of members[member].follow(id));
          return members[member].experiment(id);
        }),
      );
      const evidence = await Promise.all(experiments.map(({ id }) => evidenceOf(lab.database, id)));
      expect(summaries).toMatchObject([
        { state: 'finished', runs: { completed: 6 } },
        { state: 'finished', runs: { completed: 6 } },
      ]);
      expect(evidence.map(claimsOf).reduce((sum, claims) => sum + claims)).toBe(6);
      expect(summaries[0].sharedRuns + summaries[1].sharedRuns).toBe(6);
      expect(resultsOf(evidence[0])).toEqual(resultsOf(evidence[1]));
    });
  });
});
