/** Tags in a line of text, separated by commas. */
export function tagsIn(text: string): string[] {
  return text.split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()]));
}
