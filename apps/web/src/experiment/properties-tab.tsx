import { useState } from 'react';
import type { ExperimentChangeBody, ExperimentSummaryBody, Visibility } from '@airmeta/spec';
import { PriorityField } from '../elements/priority-field.js';
import { ProblemNotice } from '../elements/problem-notice.js';
import { tagsIn } from '../elements/tags-in.js';
import { VisibilityField } from '../elements/visibility-field.js';
import { useLab } from '../lab/lab-context.js';
import { useSteering } from './use-steering.js';

/** What may be changed about an experiment without touching its runs. */
export function PropertiesTab({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const { client, caller } = useLab();
  const [before, setBefore] = useState(experiment);
  const [tags, setTags] = useState(experiment.tags.join(', '));
  const [notes, setNotes] = useState(experiment.notes ?? '');
  const [priority, setPriority] = useState(String(experiment.priority));
  const [visibility, setVisibility] = useState<Visibility>(experiment.visibility);
  const { mutate, isPending, error, isSuccess } = useSteering(experiment.id, (wanted: ExperimentChangeBody) =>
    client.change(experiment.id, wanted),
  );
  const archived = experiment.archivedAt !== null;
  const change = changeOf(before, { tags: tagsIn(tags), notes, priority: Number(priority), visibility });
  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        mutate(change, { onSuccess: setBefore });
      }}
    >
      <label>
        Tags, separated by commas
        <input type="text" value={tags} onChange={(event) => setTags(event.target.value)} />
      </label>
      <label>
        Notes
        <textarea rows={5} value={notes} onChange={(event) => setNotes(event.target.value)} />
      </label>
      <PriorityField value={priority} onChange={setPriority} />
      {caller.auth === 'on' && <VisibilityField value={visibility} onChange={setVisibility} />}
      <div className="actions">
        <button type="submit" className="primary" disabled={isPending || Object.keys(change).length === 0}>
          Save
        </button>
        <button type="button" disabled={isPending} onClick={() => mutate({ archived: !archived })}>
          {archived ? 'Take out of the archive' : 'Archive'}
        </button>
        {isSuccess && !isPending && <span role="status">Saved.</span>}
      </div>
      {error && <ProblemNotice error={error} />}
    </form>
  );
}

type Properties = Pick<ExperimentSummaryBody, 'tags' | 'priority' | 'visibility'> & { readonly notes: string };

/** What was changed here: the rest may have been changed by somebody else meanwhile. */
function changeOf(before: ExperimentSummaryBody, wanted: Properties): ExperimentChangeBody {
  const { tags, notes, priority, visibility } = wanted;
  return {
    ...(tags.join() === before.tags.join() ? {} : { tags }),
    ...(notes === (before.notes ?? '') ? {} : { notes }),
    ...(priority === before.priority ? {} : { priority }),
    ...(visibility === before.visibility ? {} : { visibility }),
  };
}
