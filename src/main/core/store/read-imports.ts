import { join } from 'node:path';
import { listFolder } from '../files/list-folder.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { type ImportRecord, importRecord } from './import-record.ts';
import { type StorePaths, storePaths } from './store-paths.ts';

const maxRecordBytes = 64 * 1024 * 1024;

/** Returns every complete import of a store, newest first. Files that are not records are skipped. */
export async function readImports(store: string): Promise<ImportRecord[]> {
  const folder = storePaths(store).imports;
  const names = (await listFolder(folder)).filter((name) => /^[0-9a-f]{32}\.json$/.test(name));
  const records = await Promise.all(names.map((name) => readRecord(join(folder, name))));
  return records
    .filter((one) => one !== undefined)
    .sort((a, b) => placeOf(b) - placeOf(a) || b.endedAt.localeCompare(a.endedAt));
}

/** Returns what each name stands for now: the first of each, given what records have in their order, newest first. */
export function newestOfEach<T>(all: readonly T[], nameOf: (one: T) => string): T[] {
  const found = new Map<string, T>();
  for (const one of all) if (!found.has(nameOf(one))) found.set(nameOf(one), one);
  return [...found.values()];
}

/** Writes the record of a complete import as the newest of its store. `records` are those of the store, newest first. */
export async function writeImport(
  paths: StorePaths,
  record: Omit<ImportRecord, 'sequence'>,
  records: readonly ImportRecord[],
): Promise<void> {
  const [newest] = records;
  await writeRecord(paths, { ...record, sequence: (newest ? placeOf(newest) : 0) + 1 });
}

/** Notes in every record that these images are no longer in the engine, because Sealift removed them. The next import that brings one has no such note. */
export async function markImagesRemoved(
  store: string,
  images: readonly { reference: string; imageId: string }[],
  removedAt: string,
): Promise<void> {
  const isGone = (one: ImportedImage) =>
    one.removedAt === undefined &&
    images.some(({ reference, imageId }) => one.reference === reference && one.imageId === imageId);
  for (const record of await readImports(store)) {
    if (!record.images.some(isGone)) continue;
    const marked = record.images.map((one) => (isGone(one) ? { ...one, removedAt } : one));
    await writeRecord(storePaths(store), { ...record, images: marked });
  }
}

type ImportedImage = ImportRecord['images'][number];

async function writeRecord(paths: StorePaths, record: ImportRecord): Promise<void> {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  await writeWhole(paths.record(record.bundle.id), text, { mode: 0o644, folderMode: 0o700 });
}

function placeOf({ sequence = 0 }: ImportRecord): number {
  return sequence;
}

async function readRecord(path: string): Promise<ImportRecord | undefined> {
  try {
    const bytes = await readBounded(path, maxRecordBytes);
    return bytes && importRecord.parse(JSON.parse(bytes.toString()));
  } catch {
    return undefined;
  }
}
