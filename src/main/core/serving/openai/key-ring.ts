import { timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { sha256Hex } from '../../files/sha256.ts';
import { type FrontKey, ownKeyName, readFrontKeys } from '../front-keys.ts';
import type { KnownKeys } from './http-server.ts';

/** A file with more keys. A damaged one grants nothing and is reported. */
export interface NamedKeys {
  file: string;
  onDamage(error: Error): void;
}

/**
 * Returns whose keys a server accepts: its own and, if given, named ones from a file that is read again whenever it changes. A new or
 * revoked key therefore counts from the next request on.
 */
export function keyRing(ownKey: string, more?: NamedKeys): KnownKeys {
  const own: Pick<FrontKey, 'name' | 'sha256'> = { name: ownKeyName, sha256: sha256Hex(ownKey) };
  let named: FrontKey[] = [];
  let readAs = '';
  const refresh = async ({ file, onDamage }: NamedKeys): Promise<void> => {
    const now = await stampOf(file);
    if (now === readAs) return;
    named = await readFrontKeys(file).catch((error: Error) => {
      onDamage(error);
      return [];
    });
    readAs = now;
  };
  return {
    ownerOf: async (given) => {
      if (more) await refresh(more);
      const digest = sha256Hex(given);
      return [own, ...named].find((one) => isSame(digest, one.sha256))?.name;
    },
  };
}

/** Differs whenever the file was written again: it is replaced as a whole, so it is another file then. */
async function stampOf(path: string): Promise<string> {
  const facts = await stat(path, { bigint: true }).catch(() => undefined);
  return facts ? `${facts.ino} ${facts.mtimeNs} ${facts.size}` : 'none';
}

// Digests all have one length, as timingSafeEqual needs, and do not reveal the key's length.
function isSame(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
