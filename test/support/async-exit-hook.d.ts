/** The part of async-exit-hook that is used here; the package ships no types. */
declare module 'async-exit-hook' {
  const exitHook: { unhookEvent(event: string): void };
  export default exitHook;
}
