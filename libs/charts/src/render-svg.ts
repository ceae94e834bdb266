import type { LoggerInterface } from 'vega';
import type { TopLevelSpec } from 'vega-lite';

/**
 * Draws a Vega-Lite specification as SVG text, without a browser. The same figure gives the same text.
 * @param log takes what the libraries have to say about the figure; by default the console
 */
export async function renderSvg(figure: TopLevelSpec, log?: LoggerInterface): Promise<string> {
  // Loaded when something is drawn: they take longer to load than most commands to run.
  const [{ logger, parse, View, Warn }, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const listener = log ?? logger(Warn);
  const view = new View(parse(compile(figure, { logger: listener }).spec), { renderer: 'none', logger: listener });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
