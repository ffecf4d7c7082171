import { generateKeyPairSync } from 'node:crypto';
import { keyIdOf, type Signer } from '../../signing/dsse.ts';
import { sshSignature } from '../../signing/ssh-signature.ts';
import type { Work } from '../../work.ts';
import { appFolder } from '../format/format.ts';
import { type Installers, readInstaller } from '../sources/installers.ts';
import { makeFolders } from './pack-target.ts';
import type { PackMedium } from './write-medium.ts';

/** Writes the packages to a medium, with their checksums and these signed in OpenSSH's format. Returns the bytes read. */
export async function writeInstallers(
  installers: Installers,
  medium: PackMedium,
  signer: Signer,
  work: Work,
): Promise<number> {
  await makeFolders(medium.target, [appFolder]);
  let bytesRead = 0;
  for (const file of installers.files) {
    work.signal.throwIfAborted();
    const bytes = await readInstaller(installers, file);
    bytesRead += bytes.length;
    await medium.addFile(`${appFolder}/${file.name}`, bytes);
  }
  for (const [path, bytes] of signedSums(installers, signer)) await medium.addFile(path, bytes);
  return bytesRead;
}

/** For sizes: every key, fingerprint and signature has the same length. */
export const anySigner: Signer = newSigner();

/** The sizes of all files that the packages become on a medium. */
export function installerSizes(installers: Installers, signer: Signer): number[] {
  return [
    ...installers.files.map((file) => file.sizeBytes),
    ...signedSums(installers, signer).map(([, { length }]) => length),
  ];
}

function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicKeyDer = publicKey.export({ format: 'der', type: 'spki' });
  return { keyId: keyIdOf(publicKeyDer), privateKey, publicKeyDer };
}

function signedSums({ sums }: Installers, signer: Signer): [string, Buffer][] {
  return [
    [`${appFolder}/SHA256SUMS`, sums],
    [`${appFolder}/SHA256SUMS.sig`, Buffer.from(sshSignature(sums, signer))],
  ];
}
