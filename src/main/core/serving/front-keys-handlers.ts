import { join } from 'node:path';
import type { frontKeys } from '../../../shared/contract/front-keys.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { resolveSite } from '../sites/deployed-sites.ts';
import { secretFiles } from '../sites/site-paths.ts';
import { addFrontKey, readFrontKeys, removeFrontKey } from './front-keys.ts';

/** Implements the contract's area `frontKeys`. */
export function frontKeysHandlers({ paths, now }: CorePorts): AreaHandlers<typeof frontKeys> {
  const file = async (site: string) => join((await resolveSite(paths.sites, { site })).secrets, secretFiles.frontKeys);
  return {
    create: async ({ site, name }) => {
      const { key, entry } = await addFrontKey(await file(site), name, now());
      return { name, key, createdAt: entry.createdAt };
    },
    list: async ({ site }) => {
      const keys = await readFrontKeys(await file(site));
      return { keys: keys.map(({ name, createdAt }) => ({ name, createdAt })) };
    },
    revoke: async ({ site, name }) => {
      await removeFrontKey(await file(site), name);
      return { name };
    },
  };
}
