/** JSON text, read by the engine's own parser: no text of allowed length takes it long. */
import { InvalidSpecificationError, jsonPointer, type Fault } from './fault.js';

/** In valid JSON, a text or a structural character at a time. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g;

interface Level {
  readonly isMapping: boolean;
  readonly keys: Set<string>;
  /** Key or index of the value being read. */
  at: string | number;
}

/** Keys that stand twice in a mapping, which the engine's parser lets pass. @param text valid JSON */
function faultsOfRepeatedKeys(text: string): Fault[] {
  const faults: Fault[] = [];
  const levels: Level[] = [];
  let lastText = '';
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === '{' || token === '[') levels.push({ isMapping: token === '{', keys: new Set(), at: 0 });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',' && level && !level.isMapping) level.at = Number(level.at) + 1;
    else if (token === ':' && level) {
      const key = JSON.parse(lastText) as string;
      level.at = key;
      if (level.keys.has(key)) faults.push({ pointer: jsonPointer(levels.map(({ at }) => at)), message: 'this key stands here twice' });
      level.keys.add(key);
    } else lastText = token;
  }
  return faults;
}

/**
 * The value of a JSON text, undefined when it is not JSON.
 * @throws InvalidSpecificationError when a key stands twice in a mapping
 */
export function readJsonText(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const faults = faultsOfRepeatedKeys(text);
  if (faults.length > 0) throw new InvalidSpecificationError(faults.slice(0, 20));
  return value;
}
