/** `npm run conformance -- <folder>`: compares every engine of this machine with a folder of golden vectors. */
import { enableRelaxedSimd } from '@airmeta/compute';
import { availableBuilds, createFusedEngine, openTfjsEngine } from '@airmeta/learning';
import { z } from 'zod';
import { checkFolder } from './check-folder.js';
import { VectorFolderError } from './vector-file.js';

const USAGE = 'usage: npm run conformance -- <folder with manifest.json>';

async function main(): Promise<number> {
  const folder = process.argv[2];
  if (!folder || process.argv.length > 3) {
    console.error(USAGE);
    return 2;
  }
  try {
    enableRelaxedSimd();
    const fused = availableBuilds().map((build) => createFusedEngine(build));
    const { results, notCovered } = await checkFolder(folder, [...fused, await openTfjsEngine()]);
    const width = (values: string[]) => Math.max(...values.map((value) => value.length), 0);
    const files = width(results.map(({ file }) => file));
    const cases = width(results.map((result) => result.case));
    const quantities = width(results.map(({ quantity }) => quantity));
    for (const result of results) {
      console.log(
        [
          result.passed ? 'pass' : 'MISS',
          result.file.padEnd(files),
          result.case.padEnd(cases),
          result.quantity.padEnd(quantities),
          `${result.error.toExponential(2).padStart(10)} <= ${result.tolerance.toExponential(2).padStart(9)} ${result.unit}`,
        ].join('  '),
      );
    }
    for (const { file, reason } of notCovered) console.log(`not covered  ${file}: ${reason}`);
    const missed = results.filter(({ passed }) => !passed).length;
    console.log(`${results.length - missed} of ${results.length} comparisons within tolerance, ${notCovered.length} not covered`);
    return missed > 0 || results.length === 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof VectorFolderError) console.error(error.message);
    else if (error instanceof z.ZodError) console.error(`a vector file has an unknown form: ${z.prettifyError(error)}`);
    else throw error;
    return 1;
  }
}

process.exitCode = await main();
