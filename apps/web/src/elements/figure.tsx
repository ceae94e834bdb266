import { useEffect, useRef, useState } from 'react';
import type { TopLevelSpec } from 'vega-lite';
import { download } from './download.js';
import type { DrawnFigure } from './draw-figure.js';
import { ProblemNotice } from './problem-notice.js';

interface FigureProps {
  readonly figure: TopLevelSpec;
  /** What it shows, for those who hear the page; the numbers are in a table beside it. */
  readonly label: string;
  /** Of the file to download, without ending. */
  readonly stem: string;
}

/** A figure of libs/charts. The library that draws it is loaded with the first one. */
export function Figure({ figure, label, stem }: FigureProps) {
  const place = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<DrawnFigure>();
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(1);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let left = false;
    let mine: DrawnFigure | undefined;
    const canvas = document.createElement('div');
    const draw = async () => {
      const { drawFigure } = await import('./draw-figure.js');
      mine = await drawFigure(canvas, figure);
      if (left) return mine.close();
      element.replaceChildren(canvas); // the one before stays until this one is drawn
      setDrawn(mine);
      setError(undefined);
    };
    draw().catch((failure: unknown) => {
      if (!left) setError(failure);
    });
    return () => {
      left = true;
      mine?.close();
    };
  }, [figure, attempt]);

  return (
    <figure>
      <div className="scroll plot" ref={place} role="img" aria-label={label} tabIndex={0} />
      {error !== undefined && <ProblemNotice error={error} onRetry={() => setAttempt(attempt + 1)} />}
      <div className="actions">
        <button
          type="button"
          disabled={!drawn}
          onClick={() => {
            drawn?.svg().then((svg) => download(`${stem}.svg`, 'image/svg+xml', svg), setError);
          }}
        >
          Download SVG
        </button>
      </div>
    </figure>
  );
}
