import type { keys } from '../../../shared/contract/keys.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { judgeKey, readKeyBook, refuseRevoked } from './judge-key.ts';
import { protectKey, showKey } from './keys.ts';
import { createKey, currentKey, ownKeys, revokeKey, rotateKey } from './own-keys.ts';
import { fingerprintOf, requireSignatures, trustKey, untrustKey } from './trust.ts';

/** Implements the contract's area `keys`. */
export function keysHandlers({ paths, now }: CorePorts): AreaHandlers<typeof keys> {
  return {
    create: (input) => createKey(paths, input),
    show: async ({ name }) => showKey(paths.keys, name ?? (await currentKey(paths, now())).name),
    list: async () => {
      const book = await readKeyBook(paths.trust);
      const trusted = book.trusted.map((key) => ({ ...key, condition: judgeKey(book, key.fingerprint, now()) }));
      return { own: await ownKeys(paths, now()), trusted };
    },
    trust: async ({ key, label }) => {
      refuseRevoked(await readKeyBook(paths.trust), await fingerprintOf(key));
      return trustKey(paths.trust, key, { label, now: now() });
    },
    untrust: ({ key }) => untrustKey(paths.trust, key),
    require: async ({ signatures }) => {
      await requireSignatures(paths.trust, signatures);
      return { signatures };
    },
    revoke: (input) => revokeKey(paths, { ...input, now: now() }),
    protect: (input) => protectKey(paths.keys, input),
    rotate: (input) => rotateKey(paths, { ...input, now: now() }),
  };
}
