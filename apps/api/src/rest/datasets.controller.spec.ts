import 'reflect-metadata';
import { EventEmitter } from 'node:events';
import type { Caller, DatasetReader } from '@airmeta/lab';
import type { Response } from 'express';
import { expect, it } from 'vitest';
import { withSession } from '../access/session-context.js';
import { DatasetsController } from './datasets.controller.js';

const callerNamed = (id: string): Caller => ({
  member: { id, name: id, role: 'viewer', maxRunning: null, createdAt: new Date(0) },
  token: null,
  role: 'viewer',
});

it('leaves threads for others, however many data sets one member asks about', async () => {
  const sets = ['a', 'b', 'c', 'd', 'e', 'f'];
  const asked: string[] = [];
  const release: (() => void)[] = [];
  /** Reads for as long as it is not told to end. */
  const reader: DatasetReader = {
    names: () => Promise.resolve([...sets, 'small']),
    summaryOf: (task) => {
      asked.push('dataset' in task ? task.dataset : '');
      return new Promise((resolve) => release.push(() => resolve(null)));
    },
    contactSheetOf: () => Promise.resolve(null),
  };
  const controller = new DatasetsController(reader);
  const ask = (who: string, name: string) =>
    withSession({ caller: callerNamed(who), requestId: 'r' }, () =>
      controller.find(name, {}, new EventEmitter() as unknown as Response).catch(() => undefined),
    );
  const ofAda = sets.map((name) => ask('ada', name));
  await new Promise((resolve) => setImmediate(resolve));
  const ofBob = ask('bob', 'small');
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual(['a', 'b', 'small']);
  for (let ended = 0; ended < sets.length + 1; ended++) {
    release[ended]();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all([...ofAda, ofBob]);
  expect(asked).toEqual(['a', 'b', 'small', 'c', 'd', 'e', 'f']);
});
