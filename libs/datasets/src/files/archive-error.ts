import { DatasetError } from '@airmeta/tasks';

/** The error for an archive that cannot be read. @param reason a clause about "it", or what was thrown */
export function corruptArchive(archive: string, reason: unknown): DatasetError {
  const text = reason instanceof Error ? reason.message : String(reason);
  return new DatasetError(
    'corrupt-archive',
    archive,
    `the archive cannot be read: ${text}`,
    reason instanceof Error ? { cause: reason } : {},
  );
}
