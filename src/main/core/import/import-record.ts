import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImportRecord, importRecord } from '../../../shared/import-record.ts';
import { listFolder } from '../files/list-folder.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { storePaths } from './store-paths.ts';

/** A model of the store: its folder and files (paths below the folder), and the bundle that brought it. */
export interface StoredModel {
  name: string;
  folder: string;
  manifestDigest: string;
  files: { path: string; sha256: string; sizeBytes: number }[];
  bundleId: string;
}

const maxRecordBytes = 64 * 1024 * 1024;

/** Every complete import of a store, newest first. Files that are no records are left out. */
export async function readImports(store: string): Promise<ImportRecord[]> {
  const folder = storePaths(store).imports;
  const names = (await listFolder(folder)).filter((name) => /^[0-9a-f]{32}\.json$/.test(name));
  const records = await Promise.all(names.map((name) => readRecord(join(folder, name))));
  return records
    .filter((one) => one !== undefined)
    .sort((a, b) => placeOf(b) - placeOf(a) || b.endedAt.localeCompare(a.endedAt));
}

/** The model of that name as the newest import brought it; undefined when none did or its folder is gone. */
export async function findModel(store: string, name: string): Promise<StoredModel | undefined> {
  for (const record of await readImports(store)) {
    const model = record.models.find((one) => one.name === name);
    if (!model) continue;
    const { path: folder, manifestDigest, files } = model;
    const isThere = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    return isThere ? { name, folder, manifestDigest, files, bundleId: record.bundle.id } : undefined;
  }
  return undefined;
}

/** Writes the record of a complete import, as the newest of its store. */
export async function writeImport(store: string, record: Omit<ImportRecord, 'sequence'>): Promise<void> {
  const path = storePaths(store).record(record.bundle.id);
  const [newest] = await readImports(store);
  const numbered: ImportRecord = { ...record, sequence: (newest ? placeOf(newest) : 0) + 1 };
  await writeWhole(path, `${JSON.stringify(numbered, null, 2)}\n`, { mode: 0o644, folderMode: 0o700 });
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
