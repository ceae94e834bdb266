import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { byteCount, byteSize, type DiskReportBody } from '@airmeta/spec';
import { ListTable } from '../elements/list-table.js';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useTitle } from '../elements/use-title.js';
import { useClient } from '../lab/lab-context.js';
import { Prune } from './prune.js';

const OWNED = ['series', 'parameters', 'checkpoints', 'curves', 'events'] as const;
const OWNER_COLUMNS = [
  { title: 'Owner' },
  ...['Experiments', 'Runs', 'Series', 'Parameters', 'Checkpoints', 'Curves', 'Events'].map((title) => ({ title, number: true as const })),
];
const KIND_COLUMNS = [{ title: 'Kind' }, { title: 'Takes', number: true }] as const;

/** What the lab takes on disk, whose it is, and what to do about it. */
export function DiskPage() {
  const client = useClient();
  useTitle('disk');
  const { data, error, refetch } = useQuery({ queryKey: ['disk'], queryFn: () => client.disk() });
  return (
    <>
      <h1>Disk</h1>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading what="what the lab takes on disk" />}
      {data && <Report report={data} />}
      {data && <Limit keptBytesLimit={data.keptBytesLimit} />}
      {data && <Prune />}
    </>
  );
}

function Report({
  report: { databaseBytes, freeBytes, keptBytes, keptBytesLimit, kinds, owners, warnings },
}: {
  readonly report: DiskReportBody;
}) {
  return (
    <>
      {warnings.map((warning) => (
        <p key={warning} className="warning" role="status">
          {warning}
        </p>
      ))}
      <p>
        The database takes {byteSize(databaseBytes)};{' '}
        {freeBytes === null ? 'how much room its disk has left cannot be told from here.' : `its disk has ${byteSize(freeBytes)} left.`}
      </p>
      <p>
        Parameters and last checkpoints take {byteSize(keptBytes)}
        {keptBytesLimit === null ? ', without a limit.' : ` of the ${byteSize(keptBytesLimit)} that are allowed.`}
      </p>
      <ListTable label="what takes how much" columns={KIND_COLUMNS}>
        {kinds.map(({ kind, bytes }) => (
          <tr key={kind}>
            <td>{kind}</td>
            <td className="number">{byteSize(bytes)}</td>
          </tr>
        ))}
      </ListTable>
      <h2>By owner</h2>
      {owners.length === 0 && <p className="empty">There are no experiments yet.</p>}
      {owners.length > 0 && (
        <ListTable label="what whose experiments take" columns={OWNER_COLUMNS}>
          {owners.map(({ member, experiments, runs, bytes }) => (
            <tr key={member ?? ''}>
              <td>{member ?? 'nobody'}</td>
              <td className="number">{experiments}</td>
              <td className="number">{runs}</td>
              {OWNED.map((kind) => (
                <td key={kind} className="number">
                  {byteSize(bytes[kind])}
                </td>
              ))}
            </tr>
          ))}
        </ListTable>
      )}
    </>
  );
}

function Limit({ keptBytesLimit }: { readonly keptBytesLimit: number | null }) {
  const client = useClient();
  const queries = useQueryClient();
  const [text, setText] = useState(keptBytesLimit === null ? '' : byteSize(keptBytesLimit));
  const limit = text.trim() === '' ? null : byteCount(text);
  const { mutate, isPending, error } = useMutation({
    mutationFn: (bytes: number | null) => client.setDiskLimit(bytes),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['disk'] }),
  });
  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        if (limit !== undefined) mutate(limit);
      }}
    >
      <h2>Limit</h2>
      <p className="faint">
        Runs that end when so much is taken keep neither parameters nor a last checkpoint; their results are kept always.
      </p>
      <label>
        Parameters and last checkpoints take at most
        <input
          type="text"
          value={text}
          placeholder="no limit"
          aria-invalid={limit === undefined}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      {limit === undefined && <p className="warning">A size such as 64 GiB, or nothing for no limit.</p>}
      <div className="actions">
        <button type="submit" disabled={isPending || limit === undefined}>
          Set the limit
        </button>
      </div>
      {error && <ProblemNotice error={error} />}
    </form>
  );
}
