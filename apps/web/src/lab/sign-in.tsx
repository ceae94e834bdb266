import { useState } from 'react';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useTitle } from '../elements/use-title.js';

interface SignInProps {
  /** Why the last token was refused; undefined: none was given. */
  readonly refused: unknown;
  /** Throws when the browser cannot keep it. */
  readonly onToken: (token: string, remember: boolean) => void;
}

export function SignIn({ refused, onToken }: SignInProps) {
  const [token, setToken] = useState('');
  const [remember, setRemember] = useState(false);
  const [problem, setProblem] = useState(refused);
  useTitle('sign in');
  return (
    <main className="narrow">
      <h1>airmeta</h1>
      <p>This lab asks who you are. A token comes from an admin of the lab, or from the command line:</p>
      <pre>./airmeta tokens create browser</pre>
      <form
        className="stacked"
        onSubmit={(event) => {
          event.preventDefault();
          try {
            onToken(token.trim(), remember);
          } catch (error) {
            setProblem(error);
          }
        }}
      >
        <label>
          Token
          <input
            type="password"
            name="token"
            autoComplete="current-password"
            placeholder="airmeta_…"
            required
            pattern="\s*airmeta_[A-Za-z0-9_\-]{43}\s*"
            title="airmeta_ and 43 characters"
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        <label className="inline">
          <input type="checkbox" checked={remember} onChange={(event) => setRemember(event.target.checked)} />
          Keep it in this browser (otherwise until this tab is closed)
        </label>
        <div className="actions">
          <button type="submit" className="primary">
            Sign in
          </button>
        </div>
      </form>
      {problem !== undefined && <ProblemNotice error={problem} />}
    </main>
  );
}
