import { VISIBILITIES, type Visibility } from '@airmeta/spec';

const WHO: Readonly<Record<Visibility, string>> = { lab: 'every member of the lab', private: 'its owner and admins' };

interface VisibilityFieldProps {
  readonly value: Visibility;
  readonly onChange: (value: Visibility) => void;
}

export function VisibilityField({ value, onChange }: VisibilityFieldProps) {
  return (
    <label>
      Who sees it
      <select value={value} onChange={(event) => onChange(event.target.value as Visibility)}>
        {VISIBILITIES.map((visibility) => (
          <option key={visibility} value={visibility}>
            {WHO[visibility]}
          </option>
        ))}
      </select>
    </label>
  );
}
