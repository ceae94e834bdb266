/** Group `topk-memory`: sparsification with error feedback, bit for bit. */
import { createSingleUplink, sparsify, type OverTheAirLink } from '@airmeta/channel';
import { z } from 'zod';
import { Comparison, largestError, type ConformanceResult } from './result.js';
import { realRow, tensorSchema, type VectorFile } from './vector-file.js';

const fileSchema = z.object({
  n: z.int(),
  d: z.int(),
  k: z.int(),
  rounds: z.array(
    z.object({ active: z.array(z.int()), delta: tensorSchema, indices: tensorSchema, c: tensorSchema, memoryAfter: tensorSchema }),
  ),
});

/** Sparsification does not depend on the link. */
const ANY_LINK: OverTheAirLink = { powerControl: { kind: 'phase-only' }, powerWatt: 1, noiseVariance: 0, meanGain: 1, decoder: 'genie' };

export async function checkTopkMemory(file: VectorFile): Promise<ConformanceResult[]> {
  return [...checkDouble(file), ...(await checkSingle(file))];
}

/** Selection by kernels shows in the memories: what is not in them was taken. */
async function checkSingle(file: VectorFile): Promise<ConformanceResult[]> {
  const { n, d, k, rounds } = fileSchema.parse(file.content);
  const comparison = new Comparison(file.file, `${file.what}, kernels`);
  const agents = Math.max(...rounds.map(({ active }) => active.length));
  const uplink = await createSingleUplink(ANY_LINK, { d, agents, entries: k, uses: d });
  const memories = Array.from({ length: n }, () => new Float32Array(d));
  rounds.forEach((round, number) => {
    round.active.forEach((agent, position) => {
      uplink.sparsify(position, Float32Array.from(realRow(round.delta, position)), 1, memories[agent]);
      uplink.keepResidual(position, memories[agent]);
    });
    const memory = memories.flatMap((values) => [...values]);
    comparison.atMost(`round ${number + 1} memories`, largestError(memory, round.memoryAfter.data), 0, 'exact');
  });
  return comparison.results;
}

function checkDouble(file: VectorFile): ConformanceResult[] {
  const { n, d, k, rounds } = fileSchema.parse(file.content);
  const comparison = new Comparison(file.file, file.what);
  const memories = new Map<number, Float32Array>();
  rounds.forEach((round, number) => {
    let indexError = 0;
    let valueError = 0;
    round.active.forEach((agent, position) => {
      const { contribution, residual } = sparsify(Float32Array.from(realRow(round.delta, position)), memories.get(agent), k);
      memories.set(agent, residual);
      const dense = new Float64Array(d);
      contribution.indices.forEach((index, at) => (dense[index] = contribution.values[at]));
      indexError = Math.max(indexError, largestError(contribution.indices, realRow(round.indices, position)));
      valueError = Math.max(valueError, largestError(dense, realRow(round.c, position)));
    });
    const memory = Array.from({ length: n }, (_, agent) => [...(memories.get(agent) ?? new Float32Array(d))]).flat();
    comparison.atMost(`round ${number + 1} indices`, indexError, 0, 'exact');
    comparison.atMost(`round ${number + 1} values`, valueError, 0, 'exact');
    comparison.atMost(`round ${number + 1} memories`, largestError(memory, round.memoryAfter.data), 0, 'exact');
  });
  return comparison.results;
}
