import { useEffect, useRef, type RefObject } from 'react';

/**
 * When another page has come, it has the focus, so that those who hear it are told and those who type begin there, and is seen from its
 * top. Going back leaves the scrolling to the browser.
 * @param page which one it is @returns for the element that holds it
 */
export function usePageFocus<Element extends HTMLElement>(page: string): RefObject<Element | null> {
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
    if (shown.current === page) return;
    shown.current = page;
    element.current?.focus({ preventScroll: true });
    if (!goesBack.current) window.scrollTo(0, 0);
    goesBack.current = false;
  }, [page]);

  return element;
}
