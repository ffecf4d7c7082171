import { basename, dirname, join } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { listFolder } from '../../files/list-folder.ts';
import { isFolder } from '../../files/path-exists.ts';

/**
 * Returns the snapshot to pack if a path is a Hugging Face cache: the cache itself, the folder of one model in it
 * (`models--owner--name`) or its `snapshots`. Returns any other path unchanged. Throws `model.cache-unclear` unless there is exactly one.
 */
export async function snapshotOf(path: string): Promise<string> {
  const names = await foldersIn(path);
  const models = names.filter((name) => name.startsWith('models--'));
  if (models.length > 0) return snapshotOf(only(path, models));
  if (names.includes('hub') && (await foldersIn(join(path, 'hub'))).some((name) => name.startsWith('models--')))
    return snapshotOf(join(path, 'hub'));
  const isModel = names.includes('snapshots') && (names.includes('blobs') || basename(path).startsWith('models--'));
  if (isModel) return snapshotOf(join(path, 'snapshots'));
  const isSnapshots = basename(path) === 'snapshots' && basename(dirname(path)).startsWith('models--');
  return isSnapshots ? only(path, names) : path;
}

/** Returns files that the Hugging Face client has not finished: next to a download folder, in its hidden folder `.cache`. */
export async function hiddenLeftovers(root: string): Promise<string[]> {
  const hidden = '.cache/huggingface/download';
  const names = await listFolder(join(root, hidden)).catch(() => []);
  return names.filter((name) => name.endsWith('.incomplete')).map((name) => `${hidden}/${name}`);
}

function only(path: string, names: string[]): string {
  const [one, ...more] = names.sort();
  if (one !== undefined && more.length === 0) return join(path, one);
  throw appError('model.cache-unclear', { path, found: names.map((name) => join(path, name)) });
}

async function foldersIn(path: string): Promise<string[]> {
  const names = (await listFolder(path).catch(() => [])).filter((name) => !name.startsWith('.'));
  const are = await Promise.all(names.map((name) => isFolder(join(path, name))));
  return names.filter((_, at) => are[at]);
}
