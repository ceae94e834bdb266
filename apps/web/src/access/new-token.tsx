import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { DEFAULT_TOKEN_DAYS, MAX_TOKEN_DAYS, TOKEN_SCOPES, type TokenScope } from '@airmeta/spec';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useClient } from '../lab/lab-context.js';
import { Secret } from './secret.js';

export function NewToken() {
  const client = useClient();
  const queries = useQueryClient();
  const [label, setLabel] = useState('');
  const [scope, setScope] = useState<TokenScope | ''>('');
  const [days, setDays] = useState(String(DEFAULT_TOKEN_DAYS));
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: () => client.createToken({ label, expiresInDays: Number(days), ...(scope === '' ? {} : { scope }) }),
    onSuccess: () => {
      setLabel('');
      void queries.invalidateQueries({ queryKey: ['tokens'] });
    },
  });
  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <h2>New token</h2>
      <label>
        Label: where it will be used
        <input type="text" required maxLength={100} value={label} onChange={(event) => setLabel(event.target.value)} />
      </label>
      <label>
        Scope: the most it lets its holder do
        <select value={scope} onChange={(event) => setScope(event.target.value as TokenScope | '')}>
          <option value="">whatever I may do</option>
          {TOKEN_SCOPES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Days until it expires
        <input
          type="number"
          min={1}
          max={MAX_TOKEN_DAYS}
          step={1}
          required
          value={days}
          onChange={(event) => setDays(event.target.value)}
        />
      </label>
      <div className="actions">
        <button type="submit" className="primary" disabled={isPending}>
          Create
        </button>
      </div>
      {error && <ProblemNotice error={error} />}
      {data && <Secret label={data.label} secret={data.secret} />}
    </form>
  );
}
