import { useEffect, useRef, type RefObject } from 'react';

/**
 * When another page has come, it has the focus, so that those who hear it are told and those who type begin there, and is seen from its
 * top. Going back leaves the scrolling to the browser.
 * @param path where the reader is @param page which page that is: several paths may be parts of one
 * @returns for the element that holds the page
 */
export function usePageFocus<Element extends HTMLElement>(path: string, page: string): RefObject<Element | null> {
  const element = useRef<Element>(null);
  const shown = useRef(page);
  const goesBack = useRef(false);

  useEffect(() => {
    const onPopState = () => {
      goesBack.current = true;
    };
    window.addEventListener('popstate', onPopState);
    return () => window.removeEventListener('popstate', onPopState);
  }, []);

  useEffect(() => {
    const wentBack = goesBack.current;
    goesBack.current = false;
    if (shown.current === page) return;
    shown.current = page;
    element.current?.focus({ preventScroll: true });
    if (!wentBack) window.scrollTo(0, 0);
  }, [path, page]);

  return element;
}
