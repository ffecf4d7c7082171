import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { appError } from '../../../../shared/errors/app-error.ts';
import { readNamed } from '../../files/read-bounded.ts';
import type { AttachedDocument } from './content-source.ts';
import { readSignatures } from './cosign-signatures.ts';
import type { Registry } from './registry.ts';

const maxKeyBytes = 64 * 1024;

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
  const signatures = await readSignatures(registry, documents);
  const byKey = signatures.filter(({ bytes, signature }) => verify('sha256', bytes, key, signature));
  if (byKey.some(({ digest }) => digest !== undefined && digests.includes(digest))) return;
  const isKeyless = signatures.some((one) => one.isKeyless);
  const problem =
    byKey.length > 0
      ? 'this key signed another image there'
      : isKeyless
        ? 'it is signed by an identity instead of a key (keyless), which Sealift does not check'
        : signatures.length > 0
          ? `none of its ${signatures.length} signatures is by this key`
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
