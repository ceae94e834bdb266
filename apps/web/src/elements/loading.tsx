/** Appears only where something takes longer than a moment: see .loading in the style sheet. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p className="loading" role="status">
      Loading {what} …
    </p>
  );
}
