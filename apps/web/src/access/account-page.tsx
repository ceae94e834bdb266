import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TokenBody } from '@airmeta/spec';
import { ListTable } from '../elements/list-table.js';
import { ConfirmButton } from '../elements/confirm-button.js';
import { Loading } from '../elements/loading.js';
import { Moment } from '../elements/moment.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useTitle } from '../elements/use-title.js';
import { useLab } from '../lab/lab-context.js';
import { NewToken } from './new-token.js';

/** Tokens: one's own, and for an admin everybody's. */
export function AccountPage() {
  const { client, caller } = useLab();
  const queries = useQueryClient();
  useTitle('account');
  const { data, error, refetch } = useQuery({ queryKey: ['tokens'], queryFn: () => client.tokens() });
  const revocation = useMutation({
    mutationFn: (id: string) => client.revokeToken(id),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['tokens'] }),
  });
  return (
    <>
      <h1>{caller.name ?? 'A lab without accounts'}</h1>
      <p>
        {caller.role}
        {caller.token && `; signed in with the token “${caller.token.label}” (${caller.token.scope})`}
      </p>
      <h2>Tokens</h2>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {revocation.error && <ProblemNotice error={revocation.error} />}
      {!data && !error && <Loading what="tokens" />}
      {data && (
        <TokenTable tokens={data} own={caller.token?.id} showMember={caller.role === 'admin'} onRevoke={(id) => revocation.mutate(id)} />
      )}
      {caller.auth === 'on' && <NewToken />}
    </>
  );
}

interface TokenTableProps {
  readonly tokens: readonly TokenBody[];
  /** The one these pages are read with. */
  readonly own: string | undefined;
  readonly showMember: boolean;
  readonly onRevoke: (id: string) => void;
}

function TokenTable({ tokens, own, showMember, onRevoke }: TokenTableProps) {
  if (tokens.length === 0) return <p className="empty">There are none.</p>;
  return (
    <ListTable
      label="tokens"
      columns={[
        { title: 'Label' },
        ...(showMember ? [{ title: 'Member' }] : []),
        { title: 'Scope' },
        { title: 'Created' },
        { title: 'Last used' },
        { title: 'Ends' },
        { title: 'Action', hidden: true },
      ]}
    >
      {tokens.map(({ id, label, member, scope, createdAt, lastUsedAt, expiresAt, revokedAt }) => (
        <tr key={id}>
          <th scope="row">
            {label} {id === own && <span className="faint">(this one)</span>}
          </th>
          {showMember && <td>{member}</td>}
          <td>{scope}</td>
          <td>
            <Moment at={createdAt} />
          </td>
          <td>{lastUsedAt === null ? 'never' : <Moment at={lastUsedAt} />}</td>
          <td>{revokedAt === null ? <Moment at={expiresAt} /> : 'revoked'}</td>
          <td>
            {revokedAt === null && (
              <ConfirmButton label="Revoke" onConfirm={() => onRevoke(id)}>
                Whoever uses “{label}” is signed out at once{id === own ? ', and so are you' : ''}; tokens that were made with it end too.
                This cannot be undone.
              </ConfirmButton>
            )}
          </td>
        </tr>
      ))}
    </ListTable>
  );
}
