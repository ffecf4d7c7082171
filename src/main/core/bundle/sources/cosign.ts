import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { resolve } from 'node:path';
import { boundedText } from '../../../../shared/bounded-text.ts';
import type { CosignSpec, ImageSpec } from '../../../../shared/bundle-spec.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { plainLine } from '../../../../shared/plain-text.ts';
import { readNamed } from '../../files/read-bounded.ts';
import type { FindProof } from './attached.ts';
import { type CosignSignature, readSignatures } from './cosign-signatures.ts';
import type { FetchedDocument, ImageStore } from './image-store.ts';
import { openTrustRoot } from './sigstore-identity.ts';

/** Who must have signed, and what checks it. */
interface Judge {
  /** As a sentence names it. */
  by: string;
  /** Undefined when the signature is theirs, else what is wrong. */
  problemOf(signature: CosignSignature): string | undefined;
}

const maxKeyBytes = 64 * 1024;

/**
 * Returns what finds the signature that `verify` of an image asks for, if it asks: by the given key or identity, over one of the image's
 * digests: of its manifest, or of the index that lists this. Finding throws `pack.not-signed`, `input.invalid` for a file without such a key
 * or root, `file.missing`, and what the store throws.
 */
export function proofFinder(
  { reference, verify: spec }: Pick<ImageSpec, 'reference' | 'verify'>,
  folder: string,
  { store, top, chosen }: { store: ImageStore; top: FetchedDocument; chosen: FetchedDocument },
): FindProof | undefined {
  if (spec === undefined) return undefined;
  return async (documents) => {
    const { by, problemOf } = await openJudge(spec, folder);
    const problems: string[] = [];
    for (const document of documents) {
      for (const signature of await readSignatures(store, document)) {
        const isAbout = signature.digest === chosen.digest || signature.digest === top.digest;
        const problem = problemOf(signature) ?? (isAbout ? undefined : 'it is for another image');
        if (problem === undefined) return { digest: document.digest, by };
        problems.push(problem);
      }
    }
    const none = `none of its ${problems.length} signatures counts (${listed(problems)})`;
    const problem = problems.length > 0 ? none : `${store.name} has no cosign signature of it`;
    throw appError('pack.not-signed', { reference, by, problem });
  };
}

/** Returns how the signed list says that a signature was verified; nothing without one. */
export function provedText({ provedBy }: { provedBy?: string }): string {
  return provedBy === undefined ? '' : `, its cosign signature verified: by ${provedBy}`;
}

/** The most telling ones are few. */
function listed(problems: readonly string[]): string {
  return boundedText(plainLine([...new Set(problems)].slice(0, 3).join('; ')));
}

async function openJudge({ cosignKey, identity, issuer, trustRoot }: CosignSpec, folder: string): Promise<Judge> {
  if (cosignKey !== undefined) {
    const key = await readKey(resolve(folder, cosignKey));
    return { by: `the key ${cosignKey}`, problemOf: (one) => problemOfKey(one, key) };
  }
  const signerOf = await openTrustRoot(resolve(folder, trustRoot ?? ''));
  return {
    by: `${identity} (${issuer})`,
    problemOf: (signature) => {
      if (!signature.keyless) return 'it is by a key';
      try {
        const signer = signerOf(signature);
        if (signer.identity === identity && signer.issuer === issuer) return undefined;
        return `it is by ${signer.identity} (${signer.issuer})`;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}

function problemOfKey({ bytes, signature, keyless }: CosignSignature, key: KeyObject): string | undefined {
  if (verify('sha256', bytes, key, signature)) return undefined;
  return keyless ? 'it is by an identity instead of a key (keyless)' : 'it is by another key';
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
