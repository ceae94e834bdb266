/** Specifications that nobody means well with: each is answered, and none breaks the server or stays in its memory. */
import fc from 'fast-check';
import type { ExperimentPreviewBody } from '@airmeta/spec';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FUZZ_TIMEOUT_MS, SPECIFICATIONS } from './fuzz-size.js';
import { hostileBody, type HostileBody } from './hostile-document.js';
import { expectProblem, LabUnderFire, type Answer } from './lab-under-fire.js';
import { MAY_GROW_MIB } from './memory-watch.js';

/** Of those that are previewed every so many are submitted as well, when they are refused or small. */
const SUBMITTED_OF = 5;
const FEW_RUNS = 20;

let lab: LabUnderFire;
beforeAll(async () => {
  lab = await LabUnderFire.start();
});
afterAll(() => lab.stop());

async function post(path: string, { body, type }: HostileBody): Promise<Answer> {
  const answer = await lab.shoot({ method: 'POST', path, headers: { 'content-type': type }, body });
  expect([200, 201, 400, 413, 415, 422]).toContain(answer.status);
  if (answer.status >= 400) expectProblem(answer);
  return answer;
}

it('answers every specification', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  let count = 0;
  let submitted = 0;
  await fc.assert(
    fc.asyncProperty(hostileBody, async (hostile) => {
      const preview = await post('/v1/experiments/preview', hostile);
      if (count++ % SUBMITTED_OF > 0) return;
      if (preview.status === 200 && (JSON.parse(preview.text) as ExperimentPreviewBody).runCount > FEW_RUNS) return;
      submitted++;
      const stored = await post('/v1/experiments', hostile);
      expect(stored.status).toBe(preview.status === 200 ? 201 : preview.status);
    }),
    { numRuns: SPECIFICATIONS },
  );
  const { grown, shown } = lab.memory.growth();
  console.log(`${SPECIFICATIONS} specifications, ${submitted} of them submitted as well: ${lab.tally()}; ${shown}`);
  await lab.expectWell();
  expect(grown).toBeLessThan(MAY_GROW_MIB);
});
