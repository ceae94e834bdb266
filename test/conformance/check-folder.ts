import { type LearnerEngine } from '@airmeta/learning';
import { checkAirLink } from './air-link.js';
import { checkDecode } from './decode.js';
import { checkGradients } from './gradients.js';
import type { ConformanceResult } from './result.js';
import { checkRounds } from './rounds.js';
import { checkTopkMemory } from './topk-memory.js';
import { readVectorFolder, type VectorFile } from './vector-file.js';

export interface FolderReport {
  readonly results: readonly ConformanceResult[];
  readonly notCovered: readonly { readonly file: string; readonly reason: string }[];
}

type Check = (file: VectorFile, engines: readonly LearnerEngine[]) => ConformanceResult[];

/** How each group of vectors is compared; groups with a learner in them are compared once per engine. */
const CHECKS: Readonly<Record<string, Check>> = {
  gradients: (file, engines) => engines.flatMap((engine) => checkGradients(file, engine)),
  'topk-memory': checkTopkMemory,
  'air-link': checkAirLink,
  decode: checkDecode,
  rounds: (file, engines) => engines.flatMap((engine) => checkRounds(file, engine)),
};

/** Compares with every file of a folder. @throws VectorFolderError when it cannot be read */
export function checkFolder(folder: string, engines: readonly LearnerEngine[]): FolderReport {
  const results: ConformanceResult[] = [];
  const notCovered: { file: string; reason: string }[] = [];
  for (const file of readVectorFolder(folder)) {
    if (!Object.hasOwn(CHECKS, file.group)) notCovered.push({ file: file.file, reason: `no check for group "${file.group}"` });
    else results.push(...CHECKS[file.group](file, engines));
  }
  return { results, notCovered };
}
