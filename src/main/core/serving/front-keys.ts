import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { slug } from '../../../shared/site-file.ts';
import { parseJson } from '../files/parse-json.ts';
import { readBounded } from '../files/read-bounded.ts';
import { sha256Hex } from '../files/sha256.ts';
import { writeWhole } from '../files/write-whole.ts';
import { makeSecret } from '../sites/site-secret.ts';

const limitBytes = 64 * 1024;
const maxKeys = 100;

/** `front-keys.json`: the named API keys of a front. A key is stored as its SHA-256 only, so it is shown once and never again. */
const frontKeysFile = z.strictObject({
  version: z.literal(1),
  keys: z
    .array(z.strictObject({ name: slug, sha256: z.string().regex(/^[0-9a-f]{64}$/), createdAt: z.iso.datetime() }))
    .max(maxKeys),
});
export type FrontKey = z.infer<typeof frontKeysFile>['keys'][number];

/** The name under which requests with the site's own key are logged: the AI Gateway's and the probe's. */
export const ownKeyName = 'gateway';

/** Reads the named keys of a front; none without a file. Throws `site.secret-damaged`. */
export async function readFrontKeys(path: string): Promise<FrontKey[]> {
  const bytes = await readBounded(path, limitBytes);
  if (bytes === undefined) return [];
  try {
    return frontKeysFile.parse(parseJson(bytes, { depth: 4, values: 1000 })).keys;
  } catch {
    throw appError('site.secret-damaged', { path, problem: 'it is not a list of API keys as Sealift writes it' });
  }
}

/** Makes a key with a new name and returns it. Throws `serving.key-name-taken`, `serving.too-many-keys`. */
export async function addFrontKey(path: string, name: string, now: Date): Promise<{ key: string; entry: FrontKey }> {
  const keys = await readFrontKeys(path);
  if (name === ownKeyName || keys.some((one) => one.name === name)) throw appError('serving.key-name-taken', { name });
  if (keys.length >= maxKeys) throw appError('serving.too-many-keys', { limit: maxKeys });
  const key = (await makeSecret('front-api-key')).trim();
  const entry = { name, sha256: sha256Hex(key), createdAt: now.toISOString() };
  await write(path, [...keys, entry]);
  return { key, entry };
}

/** Removes a key; a running front refuses it from its next request on. Throws `serving.key-unknown`. */
export async function removeFrontKey(path: string, name: string): Promise<void> {
  const keys = await readFrontKeys(path);
  const left = keys.filter((one) => one.name !== name);
  if (left.length === keys.length) throw appError('serving.key-unknown', { name, names: keys.map((one) => one.name) });
  await write(path, left);
}

function write(path: string, keys: FrontKey[]): Promise<void> {
  return writeWhole(path, `${JSON.stringify({ version: 1, keys }, null, 2)}\n`);
}
