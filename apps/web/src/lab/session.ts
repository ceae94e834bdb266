/** Where a browser keeps its member's token: for this tab, or on this machine when its member says so. */
import { forget, keep, kept, onKeptElsewhere } from './kept-data.js';

const TOKEN = 'token';

export function storedToken(): string | undefined {
  return kept('tab', TOKEN) ?? kept('machine', TOKEN);
}

/** @throws when the browser keeps nothing */
export function storeToken(token: string, remember: boolean): void {
  forget(remember ? 'tab' : 'machine', TOKEN);
  if (!keep(remember ? 'machine' : 'tab', TOKEN, token))
    throw new Error('This browser keeps nothing for this page. Allow it to store data for this site, and sign in again.');
}

/** Calls back when another tab has signed in or out for this one too. */
export function onOtherReader(listener: () => void): () => void {
  const token = storedToken();
  return onKeptElsewhere(TOKEN, () => {
    if (storedToken() !== token) listener();
  });
}
