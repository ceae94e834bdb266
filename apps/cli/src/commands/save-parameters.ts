import type { LabClient } from '@airmeta/client';
import { writeContent } from '../files.js';

/** `airmeta parameters`: the trained parameters of a run, as a safetensors file. */
export async function saveParameters(client: LabClient, runId: string, path: string): Promise<void> {
  writeContent(path, await client.parameters(runId));
  console.error(`wrote ${path}`);
}
