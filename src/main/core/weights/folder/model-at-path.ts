import { stat } from 'node:fs/promises';
import { appError } from '../../../../shared/errors/app-error.ts';
import { listFolder } from '../../files/list-folder.ts';
import { servedFiles, weightName } from '../file-names.ts';
import { snapshotOf } from './hub-cache.ts';
import { judgeFolder, refuseBy } from './read-model-folder.ts';

const ggufName = /\.gguf$/i;

/**
 * Returns the GGUF that a server opens for a path: the file itself with its other parts, or the model of a folder. What is neither a
 * folder nor named as a GGUF is returned unjudged: its header decides. Throws as `readModelFolder`, and what the findings refuse.
 */
export async function servedGgufAt(asked: string): Promise<string> {
  const kind = await kindOf(asked);
  if (kind === undefined || (kind === 'file' && !ggufName.test(asked))) return asked;
  const path = await snapshotOf(asked);
  const missing = appError('serving.gguf-invalid', { path, problem: 'it is a folder without one' });
  // Any folder of the machine may be named, and only a model's is worth walking through.
  if (kind === 'folder' && !(await listFolder(path)).some((name) => ggufName.test(name))) throw missing;
  const judged = await judgeFolder(path, { form: 'gguf' });
  refuseBy(judged);
  if (!judged.served) throw missing;
  return judged.served.path;
}

/**
 * Returns the path of a configuration to read: a file as it is, the folder of a model, or the snapshot of a Hugging Face cache. A folder
 * without weights is not judged. Throws as `readModelFolder`, and what the findings refuse.
 */
export async function judgedConfig(asked: string): Promise<string> {
  if ((await kindOf(asked)) !== 'folder') return asked;
  const path = await snapshotOf(asked);
  if (await hasWeights(path)) refuseBy(await judgeFolder(path, { form: 'safetensors' }));
  return path;
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return 'folder';
  return found?.isFile() ? 'file' : undefined;
}

async function hasWeights(folder: string): Promise<boolean> {
  const files = (await listFolder(folder)).map((name) => ({ name }));
  return servedFiles(files).some(({ name }) => weightName.test(name));
}
