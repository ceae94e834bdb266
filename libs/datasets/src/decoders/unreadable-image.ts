/** Why an image cannot be decoded; the message is a clause about "it". */
export class UnreadableImageError extends Error {
  override readonly name = 'UnreadableImageError';
}
