import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { availableBuilds, createFusedEngine, openTfjsEngine, type LearnerEngine } from '@airmeta/learning';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { checkFolder, type FolderReport } from './check-folder.js';
import { VectorFolderError } from './vector-file.js';

const REFERENCE = fileURLToPath(new URL('../reference/', import.meta.url));

interface Manifest {
  files: { file: string; group: string; sha256?: string; what?: string }[];
}

const readManifest = (folder: string) => JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
const writeManifest = (folder: string, manifest: unknown) => writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Folders made by the running test. */
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder with some of the reference's files and a manifest of just these. */
function folderWith(...files: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'airmeta-vectors-'));
  folders.push(folder);
  for (const file of files) cpSync(join(REFERENCE, file), join(folder, file));
  writeManifest(folder, { files: readManifest(REFERENCE).files.filter(({ file }) => files.includes(file)) });
  return folder;
}

/** Rewrites a file of a folder, and its sum in the manifest with it. */
function falsify(folder: string, file: string, change: (content: Record<string, unknown>) => void): void {
  const content = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, unknown>;
  change(content);
  const text = JSON.stringify(content);
  writeFileSync(join(folder, file), text);
  const manifest = readManifest(folder);
  manifest.files = manifest.files.map((entry) => (entry.file === file ? { ...entry, sha256: sha256(text) } : entry));
  writeManifest(folder, manifest);
}

const missed = ({ results }: FolderReport) => results.filter(({ passed }) => !passed);

let engines: LearnerEngine[];

beforeAll(async () => {
  engines = [...availableBuilds().map((build) => createFusedEngine(build)), await openTfjsEngine()];
});

describe('the golden vectors of the reference', () => {
  let report: FolderReport;

  beforeAll(async () => {
    report = await checkFolder(REFERENCE, engines);
  });

  it('are all met', () => {
    expect(missed(report)).toEqual([]);
  });

  it('are all looked at, the ones with a learner in them once per engine', () => {
    for (const { file, group } of readManifest(REFERENCE).files) {
      const cases = [...new Set(report.results.filter((result) => result.file === file).map((result) => result.case))];
      expect(cases.length).toBeGreaterThan(0);
      if (group !== 'gradients' && group !== 'rounds') continue;
      for (const { name } of engines) expect(cases).toContainEqual(expect.stringContaining(name));
    }
    expect(report.notCovered).toEqual([]);
  });
});

describe('a folder that is not what it says', () => {
  it('is refused without a manifest', async () => {
    const folder = folderWith('topk_memory.json');
    rmSync(join(folder, 'manifest.json'));
    await expect(checkFolder(folder, engines)).rejects.toThrow(VectorFolderError);
    await expect(checkFolder(folder, engines)).rejects.toThrow(/manifest\.json cannot be read/);
    await expect(checkFolder(join(folder, 'nowhere'), engines)).rejects.toThrow(/manifest\.json cannot be read/);
  });

  it('is refused with a manifest that is no manifest', async () => {
    const folder = folderWith('topk_memory.json');
    writeFileSync(join(folder, 'manifest.json'), '{ "files": ');
    await expect(checkFolder(folder, engines)).rejects.toThrow(/manifest\.json is not JSON/);
    writeManifest(folder, { files: [{ name: 'topk_memory.json' }] });
    await expect(checkFolder(folder, engines)).rejects.toThrow(/manifest\.json is not a manifest of golden vectors/);
  });

  it('is refused when a file is missing', async () => {
    const folder = folderWith('topk_memory.json');
    rmSync(join(folder, 'topk_memory.json'));
    await expect(checkFolder(folder, engines)).rejects.toThrow(/topk_memory\.json cannot be read/);
  });

  it('is refused when a file has changed since its sha256 was taken', async () => {
    const folder = folderWith('topk_memory.json');
    const path = join(folder, 'topk_memory.json');
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n`);
    await expect(checkFolder(folder, engines)).rejects.toThrow(VectorFolderError);
    await expect(checkFolder(folder, engines)).rejects.toThrow(/topk_memory\.json does not have the sha256 its manifest states/);
  });

  it('is refused when a file has another form than its group', async () => {
    const folder = folderWith('topk_memory.json');
    falsify(folder, 'topk_memory.json', (content) => delete content.rounds);
    await expect(checkFolder(folder, engines)).rejects.toThrow(/rounds/);
  });
});

describe('a link on which nobody sends', () => {
  it('is met as well where all gains are too small to be inverted', async () => {
    const folder = folderWith('air_link_silent.json');
    falsify(folder, 'air_link_silent.json', ({ cases }) => {
      const [{ inputs, expected }] = cases as { inputs: Record<string, unknown>; expected: Record<string, unknown> }[];
      Object.assign(inputs, { power: 'truncated-inversion', threshold: 100 });
      (inputs.c as { data: number[] }).data.fill(1);
      for (const key of ['compressed', 'energies']) expected[key] = null;
      (expected.transmitting as { data: number[] }).data.fill(0);
    });
    const report = await checkFolder(folder, engines);
    expect(missed(report)).toEqual([]);
    expect(report.results.map(({ quantity }) => quantity)).toEqual([
      'theta after',
      'power scale, null',
      'transmit energy',
      'who transmits',
    ]);
  });
});

describe('a folder with more than is known', () => {
  it('has the rest checked, and its unknown groups named', async () => {
    const folder = folderWith('topk_memory.json', 'topk_memory_ties.json');
    const manifest = readManifest(folder);
    manifest.files[1].group = 'telepathy';
    writeManifest(folder, manifest);
    const { results, notCovered } = await checkFolder(folder, engines);
    expect(notCovered).toEqual([{ file: manifest.files[1].file, reason: 'no check for group "telepathy"' }]);
    expect(new Set(results.map(({ file }) => file))).toEqual(new Set([manifest.files[0].file]));
    // Names that every object has are no groups either.
    manifest.files[1].group = 'constructor';
    writeManifest(folder, manifest);
    expect((await checkFolder(folder, engines)).notCovered).toHaveLength(1);
  });

  it('names the engines that have no kernels for a model, and checks the others', async () => {
    const folder = folderWith('grad_mlp_regression.json');
    const [able] = engines;
    const unable: LearnerEngine = {
      name: 'abacus 1',
      createLearner: () => {
        throw new RangeError('beads only');
      },
    };
    const { results, notCovered } = await checkFolder(folder, [unable, able]);
    expect(notCovered).toEqual([{ file: 'grad_mlp_regression.json', reason: 'abacus 1 has no kernels for mlp' }]);
    expect(results.length).toBeGreaterThan(0);
    expect(missed({ results, notCovered })).toEqual([]);
  });

  it('does not take a broken engine for one without kernels', async () => {
    const broken: LearnerEngine = {
      name: 'broken',
      createLearner: () => {
        throw new Error('out of order');
      },
    };
    await expect(checkFolder(folderWith('grad_mlp_regression.json'), [broken])).rejects.toThrow('out of order');
  });

  it('may do without sums', async () => {
    const folder = folderWith('topk_memory_ties.json');
    writeManifest(folder, { files: readManifest(folder).files.map(({ file, group }) => ({ file, group })) });
    expect(missed(await checkFolder(folder, engines))).toEqual([]);
  });
});

describe('one falsified number', () => {
  interface Numbers {
    data: number[];
  }

  it.each([
    ['a maml gradient', 'grad_mlp_class_tanh.json', 'maml'],
    ['a support gradient', 'grad_mlp_class_tanh.json', 'gradSupport'],
    ['a gradient of a convolutional network', 'grad_cnn_2layer.json', 'exact'],
  ])('in %s is a miss, and the only one', async (_, file, quantity) => {
    const folder = folderWith(file);
    falsify(folder, file, ({ expected }) => {
      const { data } = (expected as Record<string, Numbers>)[quantity];
      const largest = data.reduce((best, value, index) => (Math.abs(value) > Math.abs(data[best]) ? index : best), 0);
      data[largest] *= 1.01;
    });
    for (const engine of engines) {
      expect(missed(await checkFolder(folder, [engine])).map((result) => result.quantity)).toEqual([quantity]);
    }
  });

  it('in a memory is a miss in the last bit', async () => {
    const folder = folderWith('topk_memory_ties.json');
    falsify(folder, 'topk_memory_ties.json', (content) => {
      const { data } = (content.rounds as { memoryAfter: Numbers }[])[0].memoryAfter;
      const index = data.findIndex((value) => value !== 0);
      data[index] += 2 ** -20;
    });
    expect(missed(await checkFolder(folder, engines)).map(({ quantity }) => quantity)).toEqual(['round 1 memories', 'round 1 memories']);
  });

  it('in an air link is a miss', async () => {
    const folder = folderWith('air_link.json');
    falsify(folder, 'air_link.json', ({ cases }) => {
      const [first] = cases as { expected: { rho: number } }[];
      first.expected.rho *= 1 + 1e-6;
    });
    expect(missed(await checkFolder(folder, engines)).map(({ quantity }) => quantity)).toEqual(['rho']);
  });

  it('in a link on which nothing is sent is a miss: theta that moved, or a contribution that would have been heard', async () => {
    interface Silent {
      inputs: { c: Numbers; theta: Numbers };
    }
    const folder = folderWith('air_link_silent.json');
    falsify(folder, 'air_link_silent.json', ({ cases }) => ((cases as Silent[])[0].inputs.theta.data[0] += 1e-6));
    expect(missed(await checkFolder(folder, engines)).map(({ quantity }) => quantity)).toEqual(['theta after']);
    falsify(folder, 'air_link_silent.json', ({ cases }) => ((cases as Silent[])[0].inputs.c.data[0] = 1));
    expect(missed(await checkFolder(folder, engines)).map(({ quantity }) => quantity)).toEqual(
      expect.arrayContaining(['power scale, null', 'transmit energy', 'energies']),
    );
  });

  it('in the theta of a round is a miss', async () => {
    const folder = folderWith('rounds_ideal.json');
    falsify(folder, 'rounds_ideal.json', ({ rounds }) => {
      const [{ expected }] = rounds as { expected: { thetaAfter: Numbers; thetaAfterFloat32?: Numbers } }[];
      (expected.thetaAfterFloat32 ?? expected.thetaAfter).data[3] += 1e-3;
    });
    expect(missed(await checkFolder(folder, [engines[0]])).map(({ quantity }) => quantity)).toEqual(['round 1 theta']);
  });

  it('in a signal that an OAMP decoder hears is a miss, when it is large enough to be heard', async () => {
    const folder = folderWith('decode_nmse.json');
    falsify(folder, 'decode_nmse.json', ({ cases }) => {
      const [first] = cases as { inputs: { y: { re: number[] } } }[];
      first.inputs.y.re[0] += 1e3;
    });
    expect(missed(await checkFolder(folder, engines)).map(({ quantity }) => quantity)).toContain('oamp NMSE');
  });
});
