/** From nothing to the trade-off figure: the study of the example. */
import { fileURLToPath } from 'node:url';

import { runStudy } from './run-study.js';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

await runStudy(() => ({ specification: 'examples/quickstart.yaml', out: 'out', directory: PROJECT, datasets: new Map() }));
