import { createContext, useContext } from 'react';
import type { LabClient } from '@airmeta/client';
import type { WhoamiBody } from '@airmeta/spec';

/** The lab these pages belong to, and who looks at them. */
export interface Lab {
  readonly client: LabClient;
  readonly caller: WhoamiBody;
  /** Undefined where there is nobody to sign out. */
  readonly signOut: (() => void) | undefined;
}

export const LabContext = createContext<Lab | undefined>(undefined);

export function useLab(): Lab {
  const lab = useContext(LabContext);
  if (!lab) throw new Error('useLab is for what stands inside LabProvider');
  return lab;
}

export function useClient(): LabClient {
  return useLab().client;
}
