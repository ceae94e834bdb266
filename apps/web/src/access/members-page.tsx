import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { MEMBER_ROLES, type MemberRole } from '@airmeta/spec';
import { Loading } from '../elements/loading.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useTitle } from '../elements/use-title.js';
import { useClient } from '../lab/lab-context.js';
import { MemberTable } from './member-table.js';
import { Secret } from './secret.js';

export function MembersPage() {
  const client = useClient();
  useTitle('members');
  const { data, error, refetch } = useQuery({ queryKey: ['members'], queryFn: () => client.members() });
  return (
    <>
      <h1>Members</h1>
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading what="members" />}
      {data && <MemberTable members={data} />}
      {data && <NewMember />}
    </>
  );
}

function NewMember() {
  const client = useClient();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<MemberRole>('researcher');
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: () => client.addMember(name, role),
    onSuccess: () => {
      setName('');
      void queries.invalidateQueries({ queryKey: ['members'] });
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
      <h2>New member</h2>
      <label>
        Name
        <input type="text" required value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <label>
        Role
        <select value={role} onChange={(event) => setRole(event.target.value as MemberRole)}>
          {MEMBER_ROLES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <div className="actions">
        <button type="submit" className="primary" disabled={isPending}>
          Add
        </button>
      </div>
      {error && <ProblemNotice error={error} />}
      {data && <Secret label={`${data.name}, ${data.token.label}`} secret={data.token.secret} />}
    </form>
  );
}
