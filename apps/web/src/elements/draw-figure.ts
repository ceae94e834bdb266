import { parse, View } from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { compile, type TopLevelSpec } from 'vega-lite';

export interface DrawnFigure {
  svg(): Promise<string>;
  close(): void;
}

/** Draws a figure into an element. Its expressions are interpreted, as pages may not make programs of text. */
export async function drawFigure(element: HTMLElement, figure: TopLevelSpec): Promise<DrawnFigure> {
  const dataflow = parse(compile(figure).spec, undefined, { ast: true });
  const view = new View(dataflow, { expr: expressionInterpreter, renderer: 'svg', container: element, hover: true });
  await view.runAsync();
  return { svg: () => view.toSVG(), close: () => void view.finalize() };
}
