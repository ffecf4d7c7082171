import { createHmac, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readBounded } from '../../files/read-bounded.ts';
import { type FrontedModel, frontedModels, type PartConfig } from '../../serving/parts/parts.ts';
import { secretFiles } from '../../sites/site-paths.ts';

const limitBytes = 64 * 1024;

/**
 * Returns fingerprints of the key files that a part reads, by file name, salted with a secret of the site: without the salt they
 * reveal nothing. `missing` stands for a file that does not exist. Undefined while there is no salt.
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

/** Creates the salt of a site's fingerprints unless it exists. */
export async function ensureSalt(secrets: string): Promise<void> {
  const text = `${randomBytes(32).toString('hex')}\n`;
  await writeFile(join(secrets, secretFiles.salt), text, { flag: 'wx', mode: 0o600 }).catch(() => undefined);
}

/** Names the key files that changed. */
export function changedKeys(before: Record<string, string>, now: Record<string, string> | undefined): string[] {
  return Object.keys(before).filter((name) => before[name] !== now?.[name]);
}

function keyFiles(config: PartConfig): string[] {
  switch (config.kind) {
    case 'llamacpp':
      return [];
    case 'front':
      return [config.apiKeyFile, ...frontedModels(config).flatMap(upstreamKeyFile)];
    case 'simulated-gitlab':
      return [config.adminTokenFile];
    case 'simulated-gateway':
      return [config.signingKeyFile, config.validationKeyFile];
  }
}

function upstreamKeyFile({ upstream }: FrontedModel): string[] {
  return 'url' in upstream && upstream.key && 'file' in upstream.key ? [upstream.key.file] : [];
}
