import { CopyButton } from '../elements/copy-button.js';

/** A token's secret, shown once. */
export function Secret({ label, secret }: { readonly label: string; readonly secret: string }) {
  return (
    <div className="secret" role="status">
      <p>The token “{label}”. It is shown this once; the lab keeps its hash only.</p>
      <code>{secret}</code> <CopyButton text={secret} />
    </div>
  );
}
