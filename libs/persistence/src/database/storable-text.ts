/** Postgres text holds every character but U+0000, which here becomes the replacement character. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
