import type { keys } from '../../../shared/contract/keys.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { listKeys, newKey, showKey } from './keys.ts';
import { readTrust, trustKey, untrustKey } from './trust.ts';

/** Implements the contract's area `keys`. */
export function keysHandlers(ports: CorePorts): AreaHandlers<typeof keys> {
  const paths = homePaths(ports.home);
  return {
    create: ({ name }) => newKey(paths.keys, name),
    show: ({ name }) => showKey(paths.keys, name),
    list: async () => ({ own: await listKeys(paths.keys), trusted: await readTrust(paths.trust) }),
    trust: ({ key, label }) => trustKey(paths.trust, key, { label, now: ports.now() }),
    untrust: ({ key }) => untrustKey(paths.trust, key),
  };
}
