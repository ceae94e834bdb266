/** Tokens of the lab, and what stands between a user's name and the @ of an address. */
const SECRETS: readonly [RegExp, string][] = [
  [/airmeta_[A-Za-z0-9_-]{43}/g, 'airmeta_(hidden)'],
  // Of a database, whose password may hold what an address ends at: a person who writes it has not thought of that yet.
  [/((?:postgres(?:ql)?|rediss?):\/\/[^\s:/?#@"]*):[^\s"]*@/gi, '$1:(hidden)@'],
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@"]*):[^\s/?#"]*@/gi, '$1:(hidden)@'],
  [/(bearer\s+)(?!airmeta_\(hidden\))[^\s"\\]+/gi, '$1(hidden)'],
];

/** Text without the secrets that have a form of their own: tokens, passwords in addresses, and what follows "Bearer". */
export function hideSecrets(text: string): string {
  return SECRETS.reduce((clean, [form, replacement]) => clean.replace(form, replacement), text);
}
