/** What all figures look like. */
import { printable } from '@airmeta/spec';

export const INK = '#333';
const FAINT = '#666';

export const PANEL_TITLE = { anchor: 'start', frame: 'group', fontSize: 12, subtitleFontSize: 10, subtitleColor: FAINT, offset: 6 };

/** Everything of a figure but its panels. */
export function figureFrame(name: string, subtitle: readonly string[]) {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: printable(name),
      subtitle,
      anchor: 'start',
      fontSize: 16,
      subtitleFontSize: 11,
      subtitleColor: FAINT,
      subtitlePadding: 5,
      offset: 16,
    },
    background: 'white',
    padding: 16,
    spacing: 26,
    config: {
      font: 'Helvetica, Arial, sans-serif',
      view: { stroke: '#ddd' },
      axis: { gridColor: '#eee', labelFontSize: 11, labelColor: INK, domainColor: '#bbb', tickColor: '#bbb' },
    },
  };
}

/** In place of panels: why there are none. */
export function emptyFigure(lines: readonly string[]) {
  return {
    hconcat: [
      {
        width: 480,
        height: 120,
        data: { values: [{}] },
        mark: { type: 'text', text: lines, fontSize: 14, lineHeight: 20, color: FAINT },
        view: { stroke: '#ddd' },
      },
    ],
  };
}

const NOTE_WIDTH = 185;
const NOTE_LINE = 15;

/** Lines of at most so many letters. */
function broken(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= NOTE_WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `\u2003${word}`);
  }
  return lines;
}

/** A picture with notes below it: what must be said together with what it shows. */
export function footnotes(picture: object, notes: readonly string[]): object {
  if (notes.length === 0) return picture;
  const lines = notes.flatMap((note) => broken(`– ${printable(note)}`));
  const text = {
    width: 10,
    height: NOTE_LINE * lines.length,
    view: { stroke: null },
    data: { values: [{}] },
    mark: { type: 'text', text: lines, align: 'left', baseline: 'top', x: 0, y: 0, fontSize: 11, lineHeight: NOTE_LINE, color: INK },
  };
  return { vconcat: [picture, text], bounds: 'full', spacing: 18 };
}
