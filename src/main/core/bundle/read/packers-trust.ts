import type { CorePorts } from '../../ports.ts';
import { listKeys } from '../../signing/keys.ts';
import type { HeldTrust } from './read-held.ts';

/** Returns whom the packing side believes: who packed media reads them back before they travel, without trusting its own key. */
export async function packersTrust({ paths }: Pick<CorePorts, 'paths'>): Promise<HeldTrust> {
  // A damaged key of one's own is no reason not to read others' media.
  const own = (await listKeys(paths.keys).catch(() => [])).filter((one) => one.name !== 'site');
  return { trustFile: paths.trust, ownKeyIds: own.map((one) => one.fingerprint) };
}
