/** Compiles AssemblyScript to WebAssembly. Plain JavaScript: it runs before the build. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import asc from 'assemblyscript/asc';

/**
 * @param source path of the module whose exports are wanted
 * @param features of WebAssembly to enable
 * @param importMemory whether the kernels compute in somebody else's memory; they can then have no data of their own
 * @param edit changes a source file's text before it is compiled, for tests
 * @returns the binary
 */
export async function compile(source, { features, importMemory = false, optimizeLevel = 3, edit = (path, text) => text }) {
  const options = ['--optimizeLevel', String(optimizeLevel), '--noAssert', '--runtime', 'stub', '--use', 'abort=', '--noColors'];
  if (importMemory) options.push('--importMemory', '--initialMemory', '1');
  const enabled = features.flatMap((feature) => ['--enable', feature]);
  let binary;
  const { error, stderr } = await asc.main([source, ...options, ...enabled, '--baseDir', '/', '--outFile', 'kernels.wasm'], {
    async readFile(name, baseDir) {
      const path = isAbsolute(name) ? name : join(baseDir, name);
      // The compiler asks for several names until it finds a file.
      const text = await readFile(path, 'utf8').catch(() => null);
      return text === null ? null : edit(path, text);
    },
    writeFile(name, contents) {
      if (name.endsWith('.wasm')) binary = contents;
    },
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return binary;
}
