import { appError } from '../../../../shared/errors/app-error.ts';
import { readNamed } from '../../files/read-bounded.ts';
import type { CosignSignature } from './cosign-signatures.ts';

/** Who signed, as the certificate of a keyless signature names it. */
export interface Signer {
  identity: string;
  issuer: string;
}

const maxRootBytes = 4 * 1024 * 1024;

/**
 * Reads a trusted root of Sigstore, and returns what checks keyless signatures by it, without asking anyone: the certificate's chain, that it
 * and the signature were logged, that the signature was made while the certificate was valid, and the signature itself. A log is asked
 * for where the root names one. The check returns the signer, or throws an `Error` that says what is wrong. Throws `input.invalid` for
 * another file, `file.missing`.
 */
export async function openTrustRoot(path: string): Promise<(signature: CosignSignature) => Signer> {
  const text = await readNamed(path, maxRootBytes, 'The trusted root');
  // Loaded only when it is needed: a command starts sooner.
  const [{ toSignedEntity, toTrustMaterial, Verifier }, { bundleFromJSON }, { TrustedRoot }] = await Promise.all([
    import('@sigstore/verify'),
    import('@sigstore/bundle'),
    import('@sigstore/protobuf-specs'),
  ]);
  const material = (() => {
    try {
      const root = TrustedRoot.fromJSON(JSON.parse(text.toString('utf8')));
      return root.certificateAuthorities.length > 0 ? toTrustMaterial(root) : undefined;
    } catch {
      return undefined;
    }
  })();
  if (!material) {
    const issues = ['is not a trusted root of Sigstore: JSON with certificate authorities (trusted_root.json)'];
    throw appError('input.invalid', { what: path, issues });
  }
  const atLeast = (known: readonly unknown[]) => (known.length > 0 ? 1 : 0);
  const verifier = new Verifier(material, {
    tlogThreshold: atLeast(material.tlogs),
    ctlogThreshold: atLeast(material.ctlogs),
    timestampThreshold: 1,
  });
  return ({ keyless, bytes }) => {
    const { identity } = verifier.verify(toSignedEntity(bundleFromJSON(keyless), bytes));
    return { identity: identity?.subjectAlternativeName ?? '', issuer: identity?.extensions?.issuer ?? '' };
  };
}
