import { MAX_PRIORITY } from '@airmeta/spec';

interface PriorityFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function PriorityField({ value, onChange }: PriorityFieldProps) {
  return (
    <label>
      Priority, among experiments of one owner; higher goes first
      <input
        type="number"
        min={-MAX_PRIORITY}
        max={MAX_PRIORITY}
        step={1}
        required
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
