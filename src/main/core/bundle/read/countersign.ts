import { join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { canonicalJson } from '../../signing/canonical-json.ts';
import { type Signer, signEnvelope } from '../../signing/dsse.ts';
import { haveOneOwner } from '../../signing/judge-key.ts';
import { countersignaturePath, countersignaturePayloadType } from '../format/format.ts';
import type { OpenBundle } from './open-media.ts';
import { refuseUnjudged } from './second-signature.ts';

/**
 * Adds a second person's signature, whole or not at all, to the medium that has the bundle's signed list; no other file changes. Returns
 * the label of that medium. Throws `bundle.no-head`, `bundle.same-signer`, `bundle.countersigned`, `file.*`, `medium.gone`, and what
 * `refuseUnjudged` throws.
 */
export async function countersign(
  { head, second, media, id, notices }: OpenBundle,
  signer: Signer,
  now: Date,
): Promise<string> {
  const medium = media.find((one) => one.hasHead && one.root !== undefined);
  if (!head || !medium?.root) throw appError('bundle.no-head', { labels: media.map((one) => one.label) });
  if (haveOneOwner(notices.book, head.keyId, signer.keyId)) {
    throw appError('bundle.same-signer', { name: head.payload.name, isSameKey: head.keyId === signer.keyId });
  }
  const path = join(medium.root, countersignaturePath);
  if (second) throw appError('bundle.countersigned', { path });
  // What is damaged or signs another bundle is replaced, not what a newer version wrote.
  await refuseUnjudged(medium.root, notices);
  const payload = { version: 1, bundle: id, headSha256: head.sha256, created: now.toISOString() };
  const bytes = signEnvelope(countersignaturePayloadType, canonicalJson(payload), signer);
  await writeWhole(path, bytes, { mode: 0o644 });
  return medium.label;
}
