import { useRef, type ReactNode } from 'react';

interface ConfirmButtonProps {
  readonly label: string;
  /** What will happen. */
  readonly children: ReactNode;
  readonly onConfirm: () => void;
  readonly disabled?: boolean;
}

/** A button for what cannot be taken back: it says what will happen, and asks once. */
export function ConfirmButton({ label, children, onConfirm, disabled = false }: ConfirmButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" disabled={disabled} onClick={() => dialog.current?.showModal()}>
        {label}
      </button>
      <dialog ref={dialog} aria-label={label}>
        <p>{children}</p>
        <form method="dialog" className="actions">
          <button type="submit">Back</button>
          <button type="submit" className="danger" onClick={onConfirm}>
            {label}
          </button>
        </form>
      </dialog>
    </>
  );
}
