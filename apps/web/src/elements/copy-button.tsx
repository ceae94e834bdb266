import { useState } from 'react';

/** Copies text; browsers refuse outside of secure pages, and then it says so. */
export function CopyButton({ text }: { readonly text: string }) {
  const [said, setSaid] = useState('Copy');
  return (
    <button
      type="button"
      onClick={() => {
        const copied = window.isSecureContext ? navigator.clipboard.writeText(text) : Promise.reject(new Error('not a secure page'));
        copied.then(
          () => setSaid('Copied'),
          () => setSaid('The browser does not allow it: select and copy'),
        );
      }}
    >
      {said}
    </button>
  );
}
