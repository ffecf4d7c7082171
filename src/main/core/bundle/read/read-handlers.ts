import type { bundleDiff } from '../../../../shared/contract/bundle-diff.ts';
import type { countersign as countersignCall, inspect, verify } from '../../../../shared/contract/bundle-read.ts';
import type { requestRepair as requestRepairJob } from '../../../../shared/contract/bundle-repair.ts';
import type { AreaHandlers } from '../../area-handlers.ts';
import type { CorePorts } from '../../ports.ts';
import { fingerprintToWords } from '../../signing/fingerprint.ts';
import { signingKey } from '../../signing/own-keys.ts';
import { countersign } from './countersign.ts';
import { diffBundles } from './diff-bundles.ts';
import { inspectBundle } from './inspect.ts';
import { type OpenBundle, openMedia } from './open-media.ts';
import { packersTrust } from './packers-trust.ts';
import { readHeld } from './read-held.ts';
import { requestRepair } from './request-repair.ts';
import { verifyBundle } from './verify.ts';

/** Implements the reading part of the contract's area `bundle`. */
export function bundleReadHandlers(ports: CorePorts): AreaHandlers<{
  verify: typeof verify;
  inspect: typeof inspect;
  requestRepair: typeof requestRepairJob;
  countersign: typeof countersignCall;
  diff: typeof bundleDiff;
}> {
  const open = async (input: { dirs: string[]; overrideReason?: string | undefined }): Promise<OpenBundle> => {
    const { trustFile, ownKeyIds } = await packersTrust(ports);
    return openMedia(input.dirs, trustFile, { ownKeyIds, overrideReason: input.overrideReason });
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
    diff: async ({ before, after }) => {
      const trust = await packersTrust(ports);
      return diffBundles(await readHeld(before, trust), await readHeld(after, trust));
    },
    requestRepair: async ({ out, ...input }, work) => {
      work.step('open', 'Check the signatures');
      return requestRepair(await open(input), out, { workers: ports.workers, now: ports.now() }, work);
    },
    inspect: async (input, { signal }) => inspectBundle(await open(input), signal),
  };
}
