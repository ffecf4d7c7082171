import type { countersign as countersignCall, inspect, verify } from '../../../../shared/contract/bundle-read.ts';
import type { AreaHandlers } from '../../area-handlers.ts';
import type { CorePorts } from '../../ports.ts';
import { fingerprintToWords } from '../../signing/fingerprint.ts';
import { listKeys } from '../../signing/keys.ts';
import { signingKey } from '../../signing/own-keys.ts';
import { countersign } from './countersign.ts';
import { inspectBundle } from './inspect.ts';
import { type OpenBundle, openMedia } from './open-media.ts';
import { verifyBundle } from './verify.ts';

/** Implements the reading part of the contract's area `bundle`. */
export function bundleReadHandlers(ports: CorePorts): AreaHandlers<{
  verify: typeof verify;
  inspect: typeof inspect;
  countersign: typeof countersignCall;
}> {
  const { trust, keys } = ports.paths;
  const open = async (input: { dirs: string[]; overrideReason?: string | undefined }): Promise<OpenBundle> => {
    // Who packed them reads them back before they travel. A damaged key of one's own is no reason not to read others' media.
    const own = (await listKeys(keys).catch(() => [])).filter((one) => one.name !== 'site');
    return openMedia(input.dirs, trust, {
      ownKeyIds: own.map((one) => one.fingerprint),
      overrideReason: input.overrideReason,
    });
  };
  return {
    verify: async (input, work) => {
      work.step('open', 'Check the signatures');
      return verifyBundle(await open(input), ports.workers, work, ports.now());
    },
    countersign: async ({ dirs, key, passphrase }) => {
      const signer = await signingKey(ports.paths, { key, passphrase, now: ports.now() });
      const label = await countersign(await open({ dirs }), signer, ports.now());
      return { label, keyId: signer.keyId, words: fingerprintToWords(signer.keyId) };
    },
    inspect: async (input, { signal }) => inspectBundle(await open(input), signal),
  };
}
