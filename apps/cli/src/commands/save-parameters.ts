import type { LabClient } from '@airmeta/client';
import { writeResult } from '../files.js';

/** `airmeta parameters`: the trained parameters of a run, as a safetensors file. */
export async function saveParameters(client: LabClient, runId: string, path: string): Promise<void> {
  writeResult(path, await client.parameters(runId));
}
