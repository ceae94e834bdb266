import { writeFileSync } from 'node:fs';
import { it } from 'vitest';
import * as t from './tradeoffs.js';
import { renderSvg, tradeoffFigure, tradeoffTable } from '../src/index.js';
it('draws', async () => {
  for (const [k, v] of Object.entries(t))
    if (typeof v !== 'function') {
      writeFileSync(`/tmp/fig-${k}.svg`, await renderSvg(tradeoffFigure(v)));
    }
  console.log(tradeoffTable(t.regression));
});
