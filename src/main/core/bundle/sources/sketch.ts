import { mkdir, mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ModelSpec } from '../../../../shared/bundle-spec.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { type OpenModelFolder, openModelFolder } from './open-model-folder.ts';

/** A GGUF starts with its tokenizer, of up to some ten megabytes. */
export const ggufHeadBytes = 32 * 1024 * 1024;

/** Files of a model as a folder (its real path) that can be judged: of weights only their headers, and holes for the rest. */
export interface Sketch {
  folder: string;
  remove(): Promise<void>;
}

/** A file of a sketch. */
interface SketchedFile {
  name: string;
  sizeBytes: number;
  head(): Promise<Buffer>;
}

/** Files up to this size are asked for several at once: the way to a host and back takes longer than their bytes. */
const smallBytes = 1024 * 1024;
const atOnce = 8;

/** Makes such a folder of the first bytes of each file. It takes hardly more space than these. Throws what `head` throws, `file.*`. */
export async function makeSketch(files: readonly SketchedFile[]): Promise<Sketch> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'sealift-hub-')));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const small = files.filter(({ sizeBytes }) => sizeBytes <= smallBytes);
    await writeAll(small, folder, atOnce);
    await writeAll(
      files.filter((one) => !small.includes(one)),
      folder,
      1,
    );
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Judges a sketch; all words about it have a name instead of the folder. Throws what `openModelFolder` throws. */
export async function judgeSketch(spec: ModelSpec, folder: string, name: string): Promise<OpenModelFolder> {
  try {
    const reword = (text: string) => text.replaceAll(folder, name);
    return await openModelFolder({ ...spec, path: folder }, folder, { headersOnly: true, reword });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const inJson = JSON.stringify(folder).slice(1, -1);
    throw new AppError(JSON.parse(JSON.stringify(error.wire).replaceAll(inJson, name)), error.cause);
  }
}

/** Ends only when nothing is written any more. */
async function writeAll(files: readonly SketchedFile[], folder: string, lanes: number): Promise<void> {
  const rest = [...files];
  const lane = async () => {
    for (let one = rest.shift(); one; one = rest.shift()) await writeSketch(join(folder, one.name), one);
  };
  const stopOthers = (error: unknown) => {
    rest.length = 0;
    throw error;
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, () => lane().catch(stopOthers)));
  const failed = ends.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function writeSketch(path: string, { head, sizeBytes }: SketchedFile): Promise<void> {
  const bytes = await head();
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.truncate(sizeBytes);
  } finally {
    await file.close();
  }
}
