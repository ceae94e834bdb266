import { describe, expect, it } from 'vitest';

import { parseRunJob, runJobId } from './run-job.js';

const admission = { runId: '0b0f6a1e-6d2c-4c57-9d0e-2f1d5a3c7b11', dispatch: 4 };

describe('run job', () => {
  it('is identified by run and dispatch, without the characters BullMQ forbids', () => {
    expect(runJobId(admission)).toBe('run-0b0f6a1e-6d2c-4c57-9d0e-2f1d5a3c7b11-d4');
    expect(runJobId(admission)).not.toMatch(/:|^\d+$/);
    expect(runJobId({ ...admission, dispatch: 5 })).not.toBe(runJobId(admission));
  });

  it('carries an admission and nothing else', () => {
    expect(parseRunJob({ ...admission, extra: true })).toEqual(admission);
    for (const foreign of [null, 'x', {}, { runId: 1, dispatch: 1 }, { runId: 'x', dispatch: '1' }]) {
      expect(() => parseRunJob(foreign)).toThrow(TypeError);
    }
  });
});
