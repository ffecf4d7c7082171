import { useState } from 'react';
import type { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/rpc/contract.ts';
import { core } from './core.ts';
import { type ShownError, toShownError } from './shown-error.ts';
import { turns } from './turns.ts';

/** What lies in a folder of the machine that Sealift runs on. */
export type Folder = OutputOf<(typeof contract)['files']['list']>;

/** A folder that is looked at, and how to look at another one; of several questions the last one counts. */
export function useFolder(): { folder?: Folder; error?: ShownError; open(path?: string): Promise<void> } {
  const [seen, setSeen] = useState<{ folder?: Folder; error?: ShownError }>({});
  const [begin] = useState(turns);
  const open = async (path?: string) => {
    const isLast = begin();
    const set = (next: typeof seen) => isLast() && setSeen(next);
    try {
      set({ folder: await core().files.list(path ? { path } : {}) });
    } catch (error) {
      set({ error: toShownError(error) });
    }
  };
  return { ...seen, open };
}
