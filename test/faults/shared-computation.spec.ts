/** The same thing asked for several times at once is done once. */
import { describe, expect, it } from 'vitest';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { sinusoidSweep } from '../support/experiments.js';
import { inMortalLab } from '../support/mortal-lab.js';
import { claimsOf, evidenceOf, resultsOf } from '../support/sweep-evidence.js';

const AUTH = { AIRMETA_AUTH: 'on', AIRMETA_LOG_LEVEL: 'info' };

describe.concurrent('at once', () => {
  it('20 requests with one idempotency key make one experiment', async () => {
    await inMortalLab({ workers: 0, environment: AUTH }, async (lab) => {
      const token = await lab.join('ada');
      const asked = { token, body: sinusoidSweep(), headers: { 'Idempotency-Key': 'the same' } };
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => lab.ask<ExperimentSummaryBody>('POST', '/v1/experiments', asked)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers.get('Idempotency-Replayed') === null)).toHaveLength(1);
      const { body } = await lab.ask<{ items: unknown[] }>('GET', '/v1/experiments', { token });
      expect(body.items).toHaveLength(1);
      // Another member's key is another key; with something else, the same key is a mistake.
      expect((await lab.ask<ExperimentSummaryBody>('POST', '/v1/experiments', { ...asked, token: await lab.join('ben') })).body.id).not.toBe(
        answers[0].body.id,
      );
      expect((await lab.ask('POST', '/v1/experiments', { ...asked, body: sinusoidSweep({ rounds: 7 }) })).status).toBe(422);
    });
  });

  it('two members who submit the same sweep make one computation', async () => {
    await inMortalLab({ workers: 2, environment: AUTH }, async (lab) => {
      const tokens = [await lab.join('ada'), await lab.join('ben')];
      const specification = sinusoidSweep({ rounds: 400 });
      const experiments = await Promise.all(tokens.map((token) => lab.submit(specification, { token }, '')));
      const summaries = await Promise.all(
        experiments.map(async ({ id }, member) => {
          const client = lab.client(tokens[member]);
          for await (const _ of client.follow(id));
          return client.experiment(id);
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
