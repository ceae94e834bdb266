import { logger, Warn, parse, View, type LoggerInterface } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/**
 * Draws a Vega-Lite specification as SVG text, without a browser. The same figure gives the same text.
 * @param log takes what the libraries have to say about the figure; by default the console
 */
export async function renderSvg(figure: TopLevelSpec, log: LoggerInterface = logger(Warn)): Promise<string> {
  const view = new View(parse(compile(figure, { logger: log }).spec), { renderer: 'none', logger: log });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
