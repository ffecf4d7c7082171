import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { canonicalJson } from '../../signing/canonical-json.ts';
import { type Signer, signEnvelope } from '../../signing/dsse.ts';
import { haveOneOwner } from '../../signing/judge-key.ts';
import { countersignaturePath, countersignaturePayloadType } from '../format/format.ts';
import { packIoError } from '../format/medium-io-error.ts';
import type { OpenBundle } from './open-media.ts';

/**
 * Adds a second person's signature to the medium that has the bundle's signed list; no other file changes. Returns the label of that
 * medium. Throws `bundle.no-head`, `bundle.same-signer`, `bundle.countersigned`, `file.*`, `medium.gone`.
 */
export async function countersign(
  { head, media, id, notices }: OpenBundle,
  signer: Signer,
  now: Date,
): Promise<string> {
  const medium = media.find((one) => one.hasHead && one.root !== undefined);
  if (!head || !medium?.root) throw appError('bundle.no-head', { labels: media.map((one) => one.label) });
  if (haveOneOwner(notices.book, head.keyId, signer.keyId)) {
    throw appError('bundle.same-signer', { name: head.payload.name, isSameKey: head.keyId === signer.keyId });
  }
  const payload = { version: 1, bundle: id, headSha256: head.sha256, created: now.toISOString() };
  const bytes = signEnvelope(countersignaturePayloadType, canonicalJson(payload), signer);
  const path = join(medium.root, countersignaturePath);
  try {
    const file = await open(path, 'wx', 0o644);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw appError('bundle.countersigned', { path }, error);
    throw packIoError(error, path, 'write');
  }
  return medium.label;
}
