import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { appError } from '../../../../shared/errors/app-error.ts';
import { readNamed } from '../../files/read-bounded.ts';
import type { AttachedDocument } from './content-source.ts';
import { jsonOrNothing } from './image-platform.ts';
import type { Registry } from './registry.ts';

const maxKeyBytes = 64 * 1024;
const payloadType = 'application/vnd.dev.cosign.simplesigning.v1+json';
const signatureAnnotation = 'dev.cosignproject.cosign/signature';
const certificateAnnotation = 'dev.sigstore.cosign/certificate';
/** What cosign signs (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md). */
const payload = z.object({
  critical: z.object({
    image: z.object({ 'docker-manifest-digest': z.string() }),
    type: z.literal('cosign container image signature'),
  }),
});

/**
 * Checks that one of an image's cosign signatures is by the key in a file, over one of the image's digests: of its manifest, or of the
 * index that lists this. Throws `pack.not-signed`, `input.invalid` for a file without such a key, `file.*`, `remote.*`.
 */
export async function requireCosign(
  keyFile: string,
  {
    reference,
    digests,
    registry,
    documents,
  }: { reference: string; digests: string[]; registry: Registry; documents: readonly AttachedDocument[] },
): Promise<void> {
  const key = await readKey(keyFile);
  const layers = documents.flatMap((one) => one.layers).filter(({ mediaType }) => mediaType === payloadType);
  let isByKey = false;
  for (const layer of layers) {
    const signature = Buffer.from(layer.annotations?.[signatureAnnotation] ?? '', 'base64');
    const bytes = await registry.small(layer);
    if (!verify('sha256', bytes, key, signature)) continue;
    isByKey = true;
    const signed = jsonOrNothing(bytes, payload)?.critical.image['docker-manifest-digest'];
    if (signed !== undefined && digests.includes(signed)) return;
  }
  const isKeyless = layers.some(({ annotations = {} }) => annotations[certificateAnnotation] !== undefined);
  const problem = isByKey
    ? 'this key signed another image there'
    : isKeyless
      ? 'it is signed by an identity instead of a key (keyless), which Sealift does not check'
      : layers.length > 0
        ? `none of its ${layers.length} signatures is by this key`
        : 'its registry has no cosign signature of it';
  throw appError('pack.not-signed', { reference, keyFile, problem });
}

async function readKey(path: string): Promise<KeyObject> {
  const text = await readNamed(path, maxKeyBytes, 'The key');
  try {
    const key = createPublicKey({ key: text, format: 'pem' });
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch {
    // As below.
  }
  const issues = ['is not a public key of cosign: an ECDSA key on P-256, as PEM (cosign.pub)'];
  throw appError('input.invalid', { what: path, issues });
}
