import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { slug } from '../../../shared/site-file.ts';
import { fileError } from '../files/file-error.ts';
import { listFolder } from '../files/list-folder.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readBounded, readNamed } from '../files/read-bounded.ts';
import { syncFolder, temporaryPath, writeWhole } from '../files/write-whole.ts';
import { keyIdOf, type Signer } from './dsse.ts';
import { fingerprintToWords } from './fingerprint.ts';
import { decodePrivateKey, decodePublicKey, encodePrivateKey, isEncryptedKey } from './private-key.ts';
import { allowedSigner, sshFingerprint } from './ssh-signature.ts';

/** A key as people see it: `fingerprint` is the SHA-256 (hex) of the public key's SPKI DER, `words` its first 15 bytes and a checksum as 16 words. */
export interface ShownKey {
  name: string;
  fingerprint: string;
  words: string;
  /** The public key as a PEM file, for `key trust --file`. */
  publicKeyFile: string;
  /** The key as a line of OpenSSH's allowed signers. */
  allowedSigner: string;
  /** The fingerprint as `ssh-keygen -l` prints it. */
  sshFingerprint: string;
  /** Whether a passphrase protects the private key. */
  isEncrypted: boolean;
}

const maxKeyBytes = 16 * 1024;
/** Signs the site's reports. */
const siteKey = 'site';

/**
 * Makes an ed25519 key: `<name>.pem` (PKCS#8, 0600; encrypted with a passphrase) and `<name>.pub` (0644) in a folder of mode 0700. Never
 * overwrites (`key.exists`), but makes a missing `.pub` good.
 */
export async function newKey(keysFolder: string, name: string, passphrase?: string): Promise<ShownKey> {
  if (!slug.safeParse(name).success) {
    throw appError('input.invalid', {
      what: 'The key name',
      issues: ['use at most 63 lower-case letters, digits, ".", "_" and "-"'],
    });
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = encodePrivateKey(privateKey, passphrase);
  const paths = keyPaths(keysFolder, name);
  try {
    await makeFolder(keysFolder, 0o700);
    await writeNew(paths.privateKey, pem);
    await syncFolder(keysFolder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      await keepPublicKey(
        paths.publicKey,
        createPublicKey((await loadSigner(name, keysFolder, passphrase)).privateKey),
      );
      throw appError('key.exists', { name, path: paths.privateKey });
    }
    throw fileError(paths.privateKey, 'write', error);
  }
  await keepPublicKey(paths.publicKey, publicKey).catch(async (error) => {
    await rm(paths.privateKey, { force: true });
    throw error;
  });
  return shown(name, paths.publicKey, publicKey, passphrase !== undefined);
}

/**
 * Rewrites the private key of that name: encrypted with `newPassphrase`, or unencrypted without one. Throws `key.missing`,
 * `key.locked`, `key.wrong-passphrase`, and `input.invalid` for a short passphrase or the site's own key.
 */
export async function protectKey(
  keysFolder: string,
  {
    name,
    passphrase,
    newPassphrase,
  }: { name: string; passphrase?: string | undefined; newPassphrase?: string | undefined },
): Promise<ShownKey> {
  if (name === siteKey && newPassphrase !== undefined) {
    const issues = ['it signs reports that are written while no one is there to type a passphrase'];
    throw appError('input.invalid', { what: `The key "${siteKey}"`, issues });
  }
  const known = await keyNames(keysFolder);
  if (!known.includes(name)) throw appError('key.missing', { given: name, known });
  const { privateKey } = await loadSigner(name, keysFolder, passphrase);
  const paths = keyPaths(keysFolder, name);
  const pem = encodePrivateKey(privateKey, newPassphrase);
  // First: of an encrypted key, the public half can only be shown from its own file.
  await keepPublicKey(paths.publicKey, createPublicKey(privateKey));
  await writeWhole(paths.privateKey, pem);
  return showKey(keysFolder, name);
}

/** Returns the key of that name, or creates it. The site's own key for reports is `site`. */
export async function ensureKey(keysFolder: string, name: string): Promise<Signer> {
  try {
    await newKey(keysFolder, name);
  } catch (error) {
    if ((error as { code?: string }).code !== 'key.exists') throw error;
  }
  return loadSigner(name, keysFolder);
}

/**
 * Loads a private key by its name in the keys folder, or by the path of a PEM file (anything with a separator or ending in `.pem`).
 * Throws `key.missing`, `key.locked`, `key.wrong-passphrase`, `key.invalid`.
 */
export async function loadSigner(nameOrFile: string, keysFolder: string, passphrase?: string): Promise<Signer> {
  const isFile = /[\\/]|\.pem$/.test(nameOrFile);
  const path = isFile ? nameOrFile : keyPaths(keysFolder, nameOrFile).privateKey;
  const pem = isFile ? await readNamed(path, maxKeyBytes, 'The key') : await readBounded(path, maxKeyBytes);
  if (pem === undefined) throw appError('key.missing', { given: nameOrFile, known: await keyNames(keysFolder) });
  const privateKey = decodePrivateKey(pem, path, passphrase);
  const publicKeyDer = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { keyId: keyIdOf(publicKeyDer), privateKey, publicKeyDer };
}

/** The SPKI DER of a public key in a PEM file. Throws `key.invalid`. */
export async function loadPublicKey(path: string): Promise<Buffer> {
  const pem = await readNamed(path, maxKeyBytes, 'The public key');
  return decodePublicKey(pem, path).export({ format: 'der', type: 'spki' });
}

/** Shows one own key. Throws `key.missing`, and `key.locked` for an encrypted one whose `.pub` is missing. */
export async function showKey(keysFolder: string, name: string): Promise<ShownKey> {
  const known = await keyNames(keysFolder);
  if (!known.includes(name)) throw appError('key.missing', { given: name, known });
  const paths = keyPaths(keysFolder, name);
  const pem = await readNamed(paths.privateKey, maxKeyBytes, 'The key');
  const isEncrypted = isEncryptedKey(pem);
  const pub = isEncrypted ? await readBounded(paths.publicKey, maxKeyBytes) : undefined;
  const publicKey = pub
    ? decodePublicKey(pub, paths.publicKey)
    : createPublicKey(decodePrivateKey(pem, paths.privateKey, undefined));
  return shown(name, paths.publicKey, publicKey, isEncrypted);
}

/** Every own key, by name. */
export async function listKeys(keysFolder: string): Promise<ShownKey[]> {
  return Promise.all((await keyNames(keysFolder)).map((name) => showKey(keysFolder, name)));
}

function keyPaths(keysFolder: string, name: string): { privateKey: string; publicKey: string } {
  return { privateKey: join(keysFolder, `${name}.pem`), publicKey: join(keysFolder, `${name}.pub`) };
}

/** The names of the own keys, sorted; their files may be broken. */
export async function keyNames(keysFolder: string): Promise<string[]> {
  const names = await listFolder(keysFolder);
  return names
    .filter((name) => name.endsWith('.pem'))
    .map((name) => name.slice(0, -4))
    .sort();
}

/** Writes the file whole or not at all; fails with EEXIST when there is one. */
async function writeNew(path: string, text: string | Buffer): Promise<void> {
  const draft = temporaryPath(path);
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** The public half is derived from the private one, so that one lost to a kill is restored. */
async function keepPublicKey(path: string, publicKey: KeyObject): Promise<void> {
  const pem = String(publicKey.export({ format: 'pem', type: 'spki' }));
  if (String(await readBounded(path, maxKeyBytes)) !== pem) await writeWhole(path, pem, { mode: 0o644 });
}

function shown(name: string, publicKeyFile: string, publicKey: KeyObject, isEncrypted: boolean): ShownKey {
  const publicKeyDer = publicKey.export({ format: 'der', type: 'spki' });
  const fingerprint = keyIdOf(publicKeyDer);
  const ssh = { allowedSigner: allowedSigner({ publicKeyDer }), sshFingerprint: sshFingerprint({ publicKeyDer }) };
  return { name, fingerprint, words: fingerprintToWords(fingerprint), publicKeyFile, isEncrypted, ...ssh };
}
