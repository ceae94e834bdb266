import { type Architecture, type LearnerEngine } from '@airmeta/learning';
import { z } from 'zod';
import { checkAirLink } from './air-link.js';
import { checkDecode } from './decode.js';
import { checkGradients } from './gradients.js';
import { architectureFrom, modelSchema } from './model.js';
import type { ConformanceResult } from './result.js';
import { checkRounds } from './rounds.js';
import { checkTopkMemory } from './topk-memory.js';
import { readVectorFolder, type VectorFile } from './vector-file.js';

export interface FolderReport {
  readonly results: readonly ConformanceResult[];
  readonly notCovered: readonly { readonly file: string; readonly reason: string }[];
}

type Check = (file: VectorFile, engines: readonly LearnerEngine[]) => Promise<FolderReport>;
type Results = ConformanceResult[] | Promise<ConformanceResult[]>;

/** How each group of vectors is compared; groups with a learner in them are compared once per engine. */
const CHECKS: Readonly<Record<string, Check>> = {
  gradients: perEngine(checkGradients),
  'topk-memory': once(checkTopkMemory),
  'air-link': once(checkAirLink),
  decode: once(checkDecode),
  rounds: perEngine(checkRounds),
};

const modelledSchema = z.object({ model: modelSchema });

function once(check: (file: VectorFile) => Results): Check {
  return async (file) => ({ results: await check(file), notCovered: [] });
}

function perEngine(check: (file: VectorFile, engine: LearnerEngine) => Results): Check {
  return async (file, engines) => {
    const { model } = modelledSchema.parse(file.content);
    const architecture = architectureFrom(model);
    const able = engines.filter((engine) => makesLearner(engine, architecture));
    const unable = engines.filter((engine) => !able.includes(engine));
    const results: ConformanceResult[] = [];
    for (const engine of able) results.push(...(await check(file, engine)));
    return {
      results,
      notCovered: unable.map(({ name }) => ({ file: file.file, reason: `${name} has no kernels for ${model.kind}` })),
    };
  };
}

/** An engine refuses an architecture it has no kernels for with a RangeError. */
function makesLearner(engine: LearnerEngine, architecture: Architecture): boolean {
  try {
    engine.createLearner(architecture);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Compares with every file of a folder. @throws VectorFolderError when it cannot be read */
export async function checkFolder(folder: string, engines: readonly LearnerEngine[]): Promise<FolderReport> {
  const reports: FolderReport[] = [];
  for (const file of readVectorFolder(folder)) {
    const known = Object.hasOwn(CHECKS, file.group);
    const unknown = { results: [], notCovered: [{ file: file.file, reason: `no check for group "${file.group}"` }] };
    reports.push(known ? await CHECKS[file.group](file, engines) : unknown);
  }
  return { results: reports.flatMap(({ results }) => results), notCovered: reports.flatMap(({ notCovered }) => notCovered) };
}
