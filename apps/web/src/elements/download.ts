/** Gives the reader a file that was made on this page. */
export function download(fileName: string, type: string, content: BlobPart): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}

/** A name as the stem of a file's. */
export function fileStem(name: string): string {
  return (
    name
      .trim()
      .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
      .slice(0, 80) || 'airmeta'
  );
}
