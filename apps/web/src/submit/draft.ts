/** The specification somebody is writing: it stays in the tab until it is submitted, though a token expires or the page is left by mistake. */
import { useState } from 'react';
import { z } from 'zod';
import { forget, keep, kept } from '../lab/kept-data.js';

const DRAFT = 'draft';

const draftSchema = z.object({ author: z.string().nullable(), from: z.string().nullable(), text: z.string() });

interface Draft {
  readonly text: string;
  /** Whether it was written before this page was opened. */
  readonly isOld: boolean;
  readonly write: (text: string) => void;
}

/** @param from what it was begun with: an experiment, or an example @param first what to begin with when nothing was written */
export function useDraft(author: string | null, from: string | null, first: string): Draft {
  const [old] = useState(() => draftOf(author, from));
  const [text, setText] = useState(old ?? first);
  return {
    text,
    isOld: text === old,
    write(next) {
      setText(next);
      if (next === first) forgetDraft();
      else keep('tab', DRAFT, JSON.stringify({ author, from, text: next }));
    },
  };
}

export function forgetDraft(): void {
  forget('tab', DRAFT);
}

function draftOf(author: string | null, from: string | null): string | undefined {
  const json = kept('tab', DRAFT);
  if (json === undefined) return undefined;
  const { data } = draftSchema.safeParse(JSON.parse(json));
  return data?.author === author && data.from === from ? data.text : undefined;
}
