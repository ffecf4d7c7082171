import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { keyIdOf, type Signer } from './dsse.ts';
import { packIoError } from './pack-io-error.ts';

const maxKeyFileBytes = 64 * 1024;
const ending = '.pem';
/** The site's own key signs reports, never bundles by itself. */
const siteKeyFile = `site${ending}`;

/**
 * The signing key of this name in the keys folder, or in this file; the only key of the folder when none is named.
 * Throws `file.missing`, `file.denied`, `input.invalid` for what is no ed25519 private key.
 */
export async function loadPackSigner(keysFolder: string, nameOrFile: string | undefined): Promise<Signer> {
  const path = await findKey(keysFolder, nameOrFile);
  try {
    const { size } = await stat(path);
    if (size > maxKeyFileBytes)
      throw appError('file.too-large', { path, sizeBytes: size, limitBytes: maxKeyFileBytes });
    return signerOf(await readFile(path), path);
  } catch (error) {
    throw packIoError(error, path, 'read', 'The signing key');
  }
}

async function findKey(keysFolder: string, nameOrFile: string | undefined): Promise<string> {
  if (nameOrFile !== undefined)
    return /[/\\]|\.pem$/.test(nameOrFile) ? nameOrFile : join(keysFolder, nameOrFile + ending);
  const names = (await readdir(keysFolder).catch(() => [])).filter(
    (name) => name.endsWith(ending) && name !== siteKeyFile,
  );
  const [only, second] = names;
  if (only && !second) return join(keysFolder, only);
  const issue = only
    ? `name one of: ${names.map((name) => name.slice(0, -ending.length)).join(', ')}`
    : 'there is no key yet';
  throw appError('input.invalid', { what: '--key', issues: [issue] });
}

function signerOf(pem: Buffer, path: string): Signer {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch {
    // The parser's message could quote the key.
    throw appError('input.invalid', { what: path, issues: ['it is not a private key in PEM form'] });
  }
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw appError('input.invalid', {
      what: path,
      issues: [`it is a key of type ${privateKey.asymmetricKeyType}, not ed25519`],
    });
  }
  const publicKeyDer = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { keyId: keyIdOf(publicKeyDer), privateKey, publicKeyDer };
}
