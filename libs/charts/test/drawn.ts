/** What a figure says. */
import type { LoggerInterface } from 'vega';
import type { TopLevelSpec } from 'vega-lite';
import { renderSvg } from '../src/render-svg.js';

/** Keeps what Vega and Vega-Lite complain about. */
export function keepingLogger(): { readonly log: LoggerInterface; readonly said: string[] } {
  const said: string[] = [];
  const keep = (...parts: unknown[]): LoggerInterface => {
    said.push(parts.map(String).join(' '));
    return log;
  };
  const level = ((value?: number) => (value === undefined ? 2 : log)) as LoggerInterface['level'];
  const log: LoggerInterface = { level, error: keep, warn: keep, info: () => log, debug: () => log };
  return { log, said };
}

/** The drawn texts, in order. */
export async function drawnTexts(figure: TopLevelSpec): Promise<string[]> {
  const svg = await renderSvg(figure);
  return [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/gs)]
    .flatMap(([, text]) => text.split('</tspan>'))
    .map((text) =>
      text
        .replaceAll(/<[^>]*>/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&'),
    )
    .filter((text) => text !== '');
}
