/** What all figures look like. */
export const INK = '#333';
const FAINT = '#666';

export const PANEL_TITLE = { anchor: 'start', frame: 'group', fontSize: 12, subtitleFontSize: 10, subtitleColor: FAINT, offset: 6 };

/** Everything of a figure but its panels. */
export function figureFrame(name: string, subtitle: readonly string[]) {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: {
      text: name,
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
