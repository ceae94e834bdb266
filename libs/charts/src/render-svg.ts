import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** Draws a Vega-Lite specification as SVG text, without a browser. */
export async function renderSvg(figure: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(figure).spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
