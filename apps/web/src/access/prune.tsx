import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { byteSize, type PruneChoice, type PrunedBody } from '@airmeta/spec';
import { ConfirmButton } from '../elements/confirm-button.js';
import { ListTable } from '../elements/list-table.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useClient } from '../lab/lab-context.js';

const COLUMNS = [
  { title: 'Experiment' },
  { title: 'Owner' },
  { title: 'Ended' },
  { title: 'Runs', number: true },
  { title: 'Parameters', number: true },
  { title: 'Checkpoints', number: true },
] as const;

/** Takes away what is kept beside results: shown first, then done. */
export function Prune() {
  const client = useClient();
  const queries = useQueryClient();
  const [days, setDays] = useState('30');
  const [archived, setArchived] = useState(false);
  const choice: PruneChoice = { olderThanDays: Number(days), ...(archived ? { archived: true } : {}) };
  const preview = useMutation({ mutationFn: () => client.previewPrune(choice) });
  const prune = useMutation({
    mutationFn: () => client.prune(choice),
    onSuccess: () => {
      preview.reset();
      return queries.invalidateQueries({ queryKey: ['disk'] });
    },
  });
  const changed = () => {
    preview.reset();
    prune.reset();
  };
  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        prune.reset();
        preview.mutate();
      }}
    >
      <h2>Prune</h2>
      <p className="faint">Takes parameters and checkpoints of experiments that have ended away. Records, figures and curves stay.</p>
      <label>
        Ended at least so many days ago
        <input
          type="number"
          min={0}
          step={1}
          required
          value={days}
          onChange={(event) => {
            setDays(event.target.value);
            changed();
          }}
        />
      </label>
      <label className="inline">
        <input
          type="checkbox"
          checked={archived}
          onChange={(event) => {
            setArchived(event.target.checked);
            changed();
          }}
        />
        Archived ones only
      </label>
      <div className="actions">
        <button type="submit" disabled={preview.isPending || prune.isPending}>
          Show what would go
        </button>
        {preview.data && preview.data.experiments.length > 0 && (
          <ConfirmButton label="Take it away" disabled={prune.isPending} onConfirm={() => prune.mutate()}>
            {byteSize(preview.data.bytes)} of parameters and checkpoints go for good; runs can be computed again.
          </ConfirmButton>
        )}
      </div>
      {(preview.error ?? prune.error) && <ProblemNotice error={preview.error ?? prune.error} />}
      {preview.data && <Chosen pruned={preview.data} />}
      {prune.data && <p role="status">Took away {byteSize(prune.data.bytes)}. The database uses the room again before it grows.</p>}
    </form>
  );
}

function Chosen({ pruned: { experiments } }: { readonly pruned: PrunedBody }) {
  if (experiments.length === 0) return <p className="empty">There is nothing to take away.</p>;
  return (
    <ListTable label="what would go" columns={COLUMNS}>
      {experiments.map(({ id, name, owner, endedAt, runs, parameterBytes, checkpointBytes }) => (
        <tr key={id}>
          <td>{name}</td>
          <td>{owner ?? 'nobody'}</td>
          <td>{endedAt.slice(0, 10)}</td>
          <td className="number">{runs}</td>
          <td className="number">{byteSize(parameterBytes)}</td>
          <td className="number">{byteSize(checkpointBytes)}</td>
        </tr>
      ))}
    </ListTable>
  );
}
