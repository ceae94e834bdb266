import { TWIN_NAMES } from '@airmeta/charts';
import { COMPARED_WITH, type ComparedWith } from '@airmeta/spec';

interface AgainstChoiceProps {
  readonly against: ComparedWith;
  readonly onChoose: (against: ComparedWith) => void;
}

/** What points are compared with. */
export function AgainstChoice({ against, onChoose }: AgainstChoiceProps) {
  return (
    <label className="inline">
      Compared with
      <select value={against} onChange={({ target }) => onChoose(COMPARED_WITH.find((one) => one === target.value) ?? against)}>
        {COMPARED_WITH.map((one) => (
          <option key={one} value={one}>
            {TWIN_NAMES[one]}
          </option>
        ))}
      </select>
    </label>
  );
}
