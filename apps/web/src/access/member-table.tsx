import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { MEMBER_ROLES, type MemberBody, type MemberChangeBody, type MemberRole } from '@airmeta/spec';
import { ListTable } from '../elements/list-table.js';
import { ConfirmButton } from '../elements/confirm-button.js';
import { Moment } from '../elements/moment.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { useLab } from '../lab/lab-context.js';

export function MemberTable({ members }: { readonly members: readonly MemberBody[] }) {
  const { client } = useLab();
  const queries = useQueryClient();
  const onSettled = () => void queries.invalidateQueries({ queryKey: ['members'] });
  const change = useMutation({
    mutationFn: ({ name, ...body }: MemberChangeBody & { readonly name: string }) => client.changeMember(name, body),
    onSettled,
  });
  const removal = useMutation({ mutationFn: (name: string) => client.removeMember(name), onSettled });
  const error = change.error ?? removal.error;
  return (
    <>
      {error && <ProblemNotice error={error} />}
      <ListTable
        label="members"
        columns={[
          { title: 'Name' },
          { title: 'Role' },
          { title: 'Most runs at once' },
          { title: 'Since' },
          { title: 'Action', hidden: true },
        ]}
      >
        {members.map(({ name, role, maxRunning, createdAt }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <RoleChoice key={role} name={name} role={role} onChange={(next) => change.mutate({ name, role: next })} />
            </td>
            <td>
              <CapInput
                key={String(maxRunning)}
                name={name}
                cap={maxRunning}
                onChange={(cap) => change.mutate({ name, maxRunning: cap })}
              />
            </td>
            <td>
              <Moment at={createdAt} />
            </td>
            <td>
              <ConfirmButton label="Remove" onConfirm={() => removal.mutate(name)}>
                {name} is signed out at once; the experiments stay.
              </ConfirmButton>
            </td>
          </tr>
        ))}
      </ListTable>
    </>
  );
}

interface CapInputProps {
  readonly name: string;
  readonly cap: number | null;
  readonly onChange: (cap: number | null) => void;
}

/** Empty: no cap. It is sent when it is left, or with Enter. */
function CapInput({ name, cap, onChange }: CapInputProps) {
  const shown = cap === null ? '' : String(cap);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        (document.activeElement as HTMLElement | null)?.blur();
      }}
    >
      <input
        type="number"
        min={0}
        step={1}
        placeholder="no cap"
        aria-label={`most runs of ${name} at once; empty: no cap`}
        defaultValue={shown}
        onBlur={({ target }) => {
          if (!target.validity.valid) target.reportValidity();
          else if (target.value !== shown) onChange(target.value === '' ? null : Number(target.value));
        }}
      />
    </form>
  );
}

interface RoleChoiceProps {
  readonly name: string;
  readonly role: MemberRole;
  readonly onChange: (role: MemberRole) => void;
}

/** Chosen first and given then: with a keyboard one passes other roles on the way. */
function RoleChoice({ name, role, onChange }: RoleChoiceProps) {
  const [chosen, setChosen] = useState(role);
  return (
    <span className="inline">
      <select aria-label={`role of ${name}`} value={chosen} onChange={(event) => setChosen(event.target.value as MemberRole)}>
        {MEMBER_ROLES.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      {chosen !== role && (
        <button type="button" onClick={() => onChange(chosen)}>
          Make {name} {chosen}
        </button>
      )}
    </span>
  );
}
