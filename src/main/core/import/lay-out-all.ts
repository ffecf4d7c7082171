import { join } from 'node:path';
import { hexOf } from '../../../shared/digest.ts';
import type { BundleContent } from '../bundle/format/format.ts';
import { maxManifestBytes } from '../bundle/format/oci-documents.ts';
import { type LaidOutFile, layOut } from '../bundle/read/manifest-files.ts';
import { readNamed } from '../files/read-bounded.ts';
import type { Work } from '../work.ts';
import type { FileSet } from './import-result.ts';
import type { PreparedImport } from './prepare-import.ts';
import type { PlaceTotals } from './weights/copy-blobs.ts';
import { buildFolder } from './weights/model-folder.ts';

/** The folders of an import; `built` are those that differed from what they should be. */
interface LaidOut {
  models: FileSet[];
  files: FileSet[];
  built: string[];
}

/** Builds the folders that differ from what they should be, next to their places. Counts what is copied, and reports how many files are laid out. */
export async function layOutAll(
  { plan, paths, records }: Pick<PreparedImport, 'plan' | 'paths' | 'records'>,
  totals: PlaceTotals,
  hasLinks: boolean,
  work: Work,
): Promise<LaidOut> {
  const lists: { content: BundleContent; files: LaidOutFile[] }[] = [];
  for (const content of plan.contents) {
    const manifest = await readNamed(paths.blob(hexOf(content.manifest.digest)), maxManifestBytes, 'The manifest');
    lists.push({ content, files: layOut(content, manifest) });
  }
  const total = lists.reduce((sum, { files }) => sum + files.length, 0);
  const sets: LaidOut = { models: [], files: [], built: [] };
  let before = 0;
  for (const { content, files } of lists) {
    const kind = content.kind === 'model' ? 'models' : 'files';
    const folder = join(paths[kind], content.name);
    const held = records.flatMap((one) => one[kind]).find((one) => one.name === content.name);
    const isKnownCopy = !hasLinks && held?.manifestDigest === content.manifest.digest;
    const tell = (done: number) => work.progress({ done: before + done, total, unit: 'items', item: content.name });
    const copiedBytes = await buildFolder(folder, files, paths, { isKnownCopy }, { signal: work.signal, tell });
    before += files.length;
    tell(0);
    if (copiedBytes !== undefined) sets.built.push(folder);
    totals.bytesWritten += copiedBytes ?? 0;
    sets[kind].push(fileSet(content, folder, files));
  }
  return sets;
}

function fileSet(content: BundleContent, folder: string, laidOut: LaidOutFile[]): FileSet {
  const files = laidOut.map(({ path, hex, sizeBytes }) => ({ path, sha256: hex, sizeBytes }));
  const [only, ...more] = files;
  const served = laidOut.find((file) => file.isServed);
  const manifest = hexOf(content.manifest.digest);
  return {
    id: content.name,
    path: folder,
    bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    sha256: only && more.length === 0 ? only.sha256 : manifest,
    files,
    fileCount: files.length,
    ...(served && { served: served.path }),
  };
}
