import { useState } from 'react';
import type { contract } from '../../shared/contract/index.ts';
import type { OutputOf } from '../../shared/rpc/contract.ts';
import { core } from './core.ts';
import { latestOnly } from './latest-only.ts';
import { type ShownError, toShownError } from './shown-error.ts';

/** The contents of a folder on the machine where Sealift runs. */
export type Folder = OutputOf<(typeof contract)['files']['list']>;

/** Returns the current folder and a function to open another. Only the result of the latest call is used. */
export function useFolder(): { folder?: Folder; error?: ShownError; open(path?: string): Promise<void> } {
  const [seen, setSeen] = useState<{ folder?: Folder; error?: ShownError }>({});
  const [begin] = useState(latestOnly);
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
