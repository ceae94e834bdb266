import { listPresets, readPreset } from '../presets.js';
import { renderTable } from '../table.js';

/** `airmeta presets`: what there is and what it costs, or the document of one. */
export function showPresets(name: string | undefined, { json }: { readonly json?: boolean }): void {
  if (name !== undefined) {
    process.stdout.write(readPreset(name));
    return;
  }
  const presets = listPresets();
  if (json) return console.log(JSON.stringify(presets));
  const rows = presets.map(({ name, runCount, roundsTotal }) => [name, String(runCount), String(roundsTotal)]);
  console.log(renderTable({ columns: ['preset', 'runs', 'rounds in all'], rows }));
  console.log(`\n${presets.map(({ name, description }) => `${name}: ${description}`).join('\n')}\n`);
  console.log('"airmeta presets <name>" prints one; run, submit and preview take preset:<name> for a path');
}
