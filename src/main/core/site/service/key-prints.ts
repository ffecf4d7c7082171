import { createHmac, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readBounded } from '../../files/read-bounded.ts';
import type { PartConfig } from '../../serving/parts.ts';
import { secretFiles } from '../site-paths.ts';

const limitBytes = 64 * 1024;

/**
 * Fingerprints of the key files that a part reads, by file name, made with the salt that lies among the site's secrets: without it
 * they tell nothing, whatever the keys are. `missing` for a file that is not there. Undefined while there is no salt.
 */
export async function keyPrints(secrets: string, config: PartConfig): Promise<Record<string, string> | undefined> {
  const salt = await readBounded(join(secrets, secretFiles.salt), limitBytes);
  if (!salt) return undefined;
  const prints = keyFiles(config).map(async (path) => {
    const text = await readBounded(path, limitBytes).catch(() => undefined);
    const print = text === undefined ? 'missing' : createHmac('sha256', salt).update(text).digest('hex').slice(0, 32);
    return [basename(path), print] as const;
  });
  return Object.fromEntries(await Promise.all(prints));
}

/** Makes the salt of a site's fingerprints, unless it is there. */
export async function ensureSalt(secrets: string): Promise<void> {
  const text = `${randomBytes(32).toString('hex')}\n`;
  await writeFile(join(secrets, secretFiles.salt), text, { flag: 'wx', mode: 0o600 }).catch(() => undefined);
}

/** Names of key files that are not what they were. */
export function changedKeys(before: Record<string, string>, now: Record<string, string> | undefined): string[] {
  return Object.keys(before).filter((name) => before[name] !== now?.[name]);
}

function keyFiles(config: PartConfig): string[] {
  switch (config.kind) {
    case 'llamacpp':
      return [];
    case 'front':
      return [config.apiKeyFile];
    case 'simulated-gitlab':
      return [config.adminTokenFile];
    case 'simulated-gateway':
      return [config.signingKeyFile, config.validationKeyFile];
  }
}
