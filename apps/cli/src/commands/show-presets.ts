import { listPresets, readPreset } from '../presets.js';
import { renderTable } from '../table.js';
import { line, print, printJson } from '../terminal.js';

/** `airmeta presets`: what there is and what it costs, or the document of one. */
export async function showPresets(name: string | undefined, { json }: { readonly json?: boolean }): Promise<void> {
  if (name !== undefined) {
    process.stdout.write(readPreset(name));
    return;
  }
  const presets = await listPresets();
  if (json) return printJson(presets);
  const rows = presets.map(({ name, runCount, roundsTotal }) => [name, String(runCount), String(roundsTotal)]);
  print(renderTable({ columns: ['preset', 'runs', 'rounds in all'], rows }));
  print(`\n${presets.map(({ name, description }) => line`${name}: ${description}`).join('\n')}\n`);
  print('"airmeta presets <name>" prints one; run, submit and preview take preset:<name> for a path');
}
