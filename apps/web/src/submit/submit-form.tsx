import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { Visibility } from '@airmeta/spec';
import { PriorityField } from '../elements/priority-field.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { tagsIn } from '../elements/tags-in.js';
import { VisibilityField } from '../elements/visibility-field.js';
import { useLab } from '../lab/lab-context.js';
import { forgetDraft, useDraft } from './draft.js';
import { EXAMPLES } from './examples.js';
import { newIdempotencyKey } from './idempotency-key.js';
import { Preview } from './preview.js';

interface SubmitFormProps {
  /** The experiment whose specification it begins with; null: an example's. */
  readonly from: string | null;
  readonly first: string;
}

export function SubmitForm({ from, first }: SubmitFormProps) {
  const { client, caller } = useLab();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const { text, isOld, write } = useDraft(caller.name, from, first);
  const [visibility, setVisibility] = useState<Visibility>('lab');
  const [priority, setPriority] = useState('0');
  const [tags, setTags] = useState('');
  const [force, setForce] = useState(false);
  const [unread, setUnread] = useState<unknown>();

  const order = useMemo(
    () => ({
      text,
      options: { visibility, priority: Number(priority), tags: tagsIn(tags), force, idempotencyKey: newIdempotencyKey() },
    }),
    [text, visibility, priority, tags, force],
  );
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => client.submit(order.text, order.options),
    onSuccess: ({ id }) => {
      forgetDraft();
      void queries.invalidateQueries({ queryKey: ['experiments'] });
      navigate(`/experiments/${id}`);
    },
  });

  /** Whoever has written something is asked before it goes. */
  const beginWith = (other: string) => {
    const written = text.trim() !== '' && text !== first && ![...EXAMPLES.values()].includes(text);
    if (!written || window.confirm('Replace what you have written?')) write(other);
  };

  return (
    <form
      className="submit"
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <div className="stacked">
        <label className="inline">
          Begin with
          <select value="" onChange={({ target }) => beginWith(EXAMPLES.get(target.value) ?? text)}>
            <option value="">an example …</option>
            {[...EXAMPLES.keys()].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          or
          <input
            type="file"
            aria-label="a file"
            accept=".yaml,.yml,.json"
            onChange={({ target }) => {
              const [file] = target.files ?? [];
              setUnread(undefined);
              file?.text().then(beginWith, setUnread);
              target.value = ''; // the same file can be chosen again when it has changed
            }}
          />
        </label>
        {unread !== undefined && <ProblemNotice error={unread} />}
        {isOld && (
          <p role="status" className="actions">
            This is what you wrote before and did not submit.
            <button type="button" onClick={() => write(first)}>
              Begin anew
            </button>
          </p>
        )}
        <label>
          Specification, YAML or JSON
          <textarea className="specification" rows={28} spellCheck={false} value={text} onChange={(event) => write(event.target.value)} />
        </label>
      </div>
      <div className="stacked">
        <Preview text={text} />
        <label>
          Tags, separated by commas
          <input type="text" value={tags} onChange={(event) => setTags(event.target.value)} />
        </label>
        <PriorityField value={priority} onChange={setPriority} />
        {caller.auth === 'on' && <VisibilityField value={visibility} onChange={setVisibility} />}
        <label className="inline">
          <input type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} />
          Compute again what has been computed already
        </label>
        <div className="actions">
          <button type="submit" className="primary" disabled={isPending || text.trim() === ''}>
            Submit
          </button>
        </div>
        {error && <ProblemNotice error={error} />}
      </div>
    </form>
  );
}
