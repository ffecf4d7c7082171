import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import { slug } from '../../../shared/site-file.ts';
import { fileError } from '../files/file-error.ts';
import { listFolder } from '../files/list-folder.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readBounded, readNamed } from '../files/read-bounded.ts';
import { syncFolder, writeWhole } from '../files/write-whole.ts';
import { keyIdOf, type Signer } from './dsse.ts';
import { fingerprintToWords } from './fingerprint.ts';

/** A key as people see it: `fingerprint` is the SHA-256 (hex) of the public key's SPKI DER, `words` its first 15 bytes and a checksum as 16 words. */
export interface ShownKey {
  name: string;
  fingerprint: string;
  words: string;
  /** The public key as a PEM file, for `key trust --file`. */
  publicKeyFile: string;
}

const maxKeyBytes = 16 * 1024;

/** Makes an ed25519 key: `<name>.pem` (PKCS#8, 0600) and `<name>.pub` (0644) in a folder of mode 0700. Never overwrites (`key.exists`), but makes a missing `.pub` good. */
export async function newKey(keysFolder: string, name: string): Promise<ShownKey> {
  if (!slug.safeParse(name).success) {
    throw appError('input.invalid', {
      what: 'The key name',
      issues: ['use at most 63 lower-case letters, digits, ".", "_" and "-"'],
    });
  }
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const paths = keyPaths(keysFolder, name);
  try {
    await makeFolder(keysFolder, 0o700);
    await writeNew(paths.privateKey, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await syncFolder(keysFolder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      await keepPublicKey(paths.publicKey, createPublicKey((await loadSigner(name, keysFolder)).privateKey));
      throw appError('key.exists', { name, path: paths.privateKey });
    }
    throw fileError(paths.privateKey, 'write', error);
  }
  await keepPublicKey(paths.publicKey, publicKey);
  return shown(name, paths.publicKey, publicKey);
}

/** The key of that name, made when there is none yet: the site's own key for reports is `site`. */
export async function ensureKey(keysFolder: string, name: string): Promise<Signer> {
  try {
    await newKey(keysFolder, name);
  } catch (error) {
    if ((error as { code?: string }).code !== 'key.exists') throw error;
  }
  return loadSigner(name, keysFolder);
}

/** Loads a private key by its name in the keys folder, or by the path of a PEM file (anything with a separator or ending in `.pem`). */
export async function loadSigner(nameOrFile: string, keysFolder: string): Promise<Signer> {
  const isFile = /[\\/]|\.pem$/.test(nameOrFile);
  const path = isFile ? nameOrFile : keyPaths(keysFolder, nameOrFile).privateKey;
  const pem = isFile ? await readNamed(path, maxKeyBytes, 'The key') : await readBounded(path, maxKeyBytes);
  if (pem === undefined) throw appError('key.missing', { given: nameOrFile, known: await keyNames(keysFolder) });
  const privateKey = parseKey(path, 'ed25519 private key', () => createPrivateKey(pem));
  const publicKeyDer = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { keyId: keyIdOf(publicKeyDer), privateKey, publicKeyDer };
}

/** The SPKI DER of a public key in a PEM file; a private key's file is refused, so that none is handed around by mistake. */
export async function loadPublicKey(path: string): Promise<Buffer> {
  const pem = await readNamed(path, maxKeyBytes, 'The public key');
  if (pem.includes('PRIVATE KEY')) throw appError('key.invalid', { path, wanted: 'ed25519 public key' });
  return parseKey(path, 'ed25519 public key', () => createPublicKey(pem)).export({ format: 'der', type: 'spki' });
}

/** Shows one own key; without a name the only one there is (the key `site`, which signs reports, does not count). */
export async function showKey(keysFolder: string, name?: string): Promise<ShownKey> {
  const known = await keyNames(keysFolder);
  const candidates = known.filter((one) => one !== 'site');
  if (name === undefined && candidates.length > 1) throw appError('key.which', { known: candidates });
  const wanted = name ?? candidates[0];
  if (wanted === undefined) throw appError('key.none', {});
  if (!known.includes(wanted)) throw appError('key.missing', { given: wanted, known });
  const publicKey = createPublicKey((await loadSigner(wanted, keysFolder)).privateKey);
  return shown(wanted, keyPaths(keysFolder, wanted).publicKey, publicKey);
}

/** Every own key, by name. */
export async function listKeys(keysFolder: string): Promise<ShownKey[]> {
  return Promise.all((await keyNames(keysFolder)).map((name) => showKey(keysFolder, name)));
}

function keyPaths(keysFolder: string, name: string): { privateKey: string; publicKey: string } {
  return { privateKey: join(keysFolder, `${name}.pem`), publicKey: join(keysFolder, `${name}.pub`) };
}

async function keyNames(keysFolder: string): Promise<string[]> {
  const names = await listFolder(keysFolder);
  return names
    .filter((name) => name.endsWith('.pem'))
    .map((name) => name.slice(0, -4))
    .sort();
}

/** Appears whole or not at all; fails with EEXIST when there is one. */
async function writeNew(path: string, text: string | Buffer): Promise<void> {
  const draft = `${path}.${randomUUID()}.part`;
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

/** The public half comes from the private one: what a kill left out is made good. */
async function keepPublicKey(path: string, publicKey: KeyObject): Promise<void> {
  const pem = String(publicKey.export({ format: 'pem', type: 'spki' }));
  if (String(await readBounded(path, maxKeyBytes)) !== pem) await writeWhole(path, pem, { mode: 0o644 });
}

function parseKey(path: string, wanted: string, parse: () => KeyObject): KeyObject {
  try {
    const key = parse();
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // The parser's words may quote the file: they stay out of the error.
  }
  throw appError('key.invalid', { path, wanted });
}

function shown(name: string, publicKeyFile: string, publicKey: KeyObject): ShownKey {
  const fingerprint = keyIdOf(publicKey.export({ format: 'der', type: 'spki' }));
  return { name, fingerprint, words: fingerprintToWords(fingerprint), publicKeyFile };
}
