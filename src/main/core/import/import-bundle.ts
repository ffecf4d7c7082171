import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';
import type { ImportRecord } from '../../../shared/import-record.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import { type BundleContent, headEnvelopePath, mediumEnvelopePath } from '../bundle/format.ts';
import { type OpenBundle, openMedia } from '../bundle/open-media.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { Work } from '../jobs/work.ts';
import { runThread } from '../processes/thread.ts';
import { chooseImages, dropStaged, imageShare, importImages, refuseUnseen } from './import-images.ts';
import { readImports, writeImport } from './import-record.ts';
import { type CompleteImport, type FileSet, type Imported, newRecord, shownImport } from './import-result.ts';
import { type LaidOutFile, layOut } from './lay-out.ts';
import { withStoreLock } from './lock-store.ts';
import { buildFolder, putInPlace, takeOldAway } from './materialise.ts';
import { missingMedia } from './missing-media.ts';
import type { PlaceEvent, PlacePlan, PlaceTotals } from './place-blobs.ts';
import { refuseShortEngine } from './plan-images.ts';
import { type ImportPlan, planImport } from './plan-import.ts';
import { preflight } from './preflight.ts';
import { findReplaced } from './replaced-content.ts';
import { type StorePaths, storePaths } from './store-paths.ts';

/** What an import is given. */
export interface ImportInput {
  dirs: readonly string[];
  /** The store's folder. */
  store: string;
  trustFile: string;
  /** The folder of the built worker entries. */
  workers: string;
  /** The store's folder when it is not the one of the data folder, for the command that goes on. */
  ownStore?: string | undefined;
  /** The folder of the sites that take their models from this store. */
  sites?: string | undefined;
  overrideReason?: string | undefined;
  /** The container engine's address, or `none`; by default the usual one, if it answers. */
  engine?: string | undefined;
  now: () => Date;
}

/**
 * Imports what the bundle on these media carries, as in the contract: models and file sets into the store, images into the engine;
 * without an engine images are left out with a finding. Media are only read. What is incomplete stays marked `.part`, and the next
 * run goes on with it.
 */
export async function importBundle(input: ImportInput, work: Work): Promise<Imported> {
  const startedAt = input.now();
  const paths = storePaths(input.store);
  work.step('open', 'Check the signatures');
  const open = await openMedia(input.dirs, input.trustFile, {
    ...(input.overrideReason !== undefined && { override: { reason: input.overrideReason } }),
    remembered: paths.seen,
  });
  return withStoreLock(paths.store, startedAt, () => importOpen(open, input, startedAt, work));
}

async function importOpen(open: OpenBundle, input: ImportInput, startedAt: Date, work: Work): Promise<Imported> {
  const paths = storePaths(input.store);
  work.step('preflight', 'Check the container engine, space and rights');
  const images = await chooseImages(open, paths, input.engine, work);
  if (images.plan) refuseShortEngine(images.plan);
  const plan = await planImport(open, paths, work.signal, await imageShare(images, open, paths));
  const replaced = await findReplaced(plan.contents, input.store, input.sites);
  for (const one of replaced)
    work.warn(`The store has another ${one.kind} ${one.name} (${one.oldDigest}): it gives way.`);
  const hasLinks = await preflight(
    paths,
    plan.neededBytes,
    plan.contents.reduce((sum, one) => sum + one.totalBytes, 0),
    images.plan?.space,
  );
  const isNew = await remember(open, paths);
  const totals = await placeAll(input, plan, work);
  const brought = await importImages(images, open, paths, input.workers, work);
  const missing = whatIsMissing(open, plan, totals);
  const soFar = { open, plan, totals, images, brought, missing, startedAt };
  if (missing.length > 0) {
    const isIdle = !isNew && totals.bytesRead + brought.bytesRead === 0;
    if (isIdle)
      throw appError('import.medium-missing', { labels: missing.map((one) => one.label), dirs: [...input.dirs] });
    const nothing = { models: [], files: [], replaced: [] };
    return shownImport({ ...soFar, ...nothing, endedAt: input.now() }, againCommand(input));
  }
  refuseUnseen(images);
  work.step('lay-out', 'Lay out the files');
  const { models, files, built } = await layOutAll(plan, paths, totals, hasLinks);
  const done = { ...soFar, models, files, replaced, endedAt: input.now() };
  // A folder and the record of what it holds never contradict each other: while both change, no folder is there.
  for (const folder of built) await takeOldAway(folder);
  await record(input.store, done, built.length > 0);
  for (const folder of built) await putInPlace(folder);
  await dropStaged(images, plan, paths);
  return shownImport(done, againCommand(input));
}

/** The command that goes on with the import. */
function againCommand({ dirs, overrideReason, engine, ownStore }: ImportInput): string {
  const options = { '--store': ownStore, '--engine': engine, '--override-untrusted': overrideReason };
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  return ['sealift import', ...[...dirs, ...given].map(shellWord)].join(' ');
}

/** Keeps the envelopes, so that a medium put in later can be told where its parts belong, and as evidence. True when one is new. */
async function remember(open: OpenBundle, paths: StorePaths): Promise<boolean> {
  let isNew = false;
  const modes = { mode: 0o644, folderMode: 0o700 };
  for (const medium of open.media) {
    if (medium.root === undefined) continue;
    const folder = join(paths.seen(open.id), String(medium.ordinal));
    isNew ||= !existsSync(join(folder, mediumEnvelopePath));
    await writeWhole(join(folder, mediumEnvelopePath), medium.bytes, modes);
    if (medium.hasHead && open.head) await writeWhole(join(folder, headEnvelopePath), open.head.bytes, modes);
  }
  return isNew;
}

async function placeAll(input: ImportInput, plan: ImportPlan, work: Work): Promise<PlaceTotals> {
  const total = plan.copiedBytes;
  let done = 0;
  work.step('copy', `Copy ${plan.blobs.length} blobs into the store`);
  work.progress({ done, total, unit: 'bytes' });
  const job: PlacePlan = { store: input.store, blobs: plan.blobs };
  return runThread<PlaceTotals, PlaceEvent>(join(input.workers, 'place-thread.js'), job, {
    signal: work.signal,
    onEvent: (event) => {
      done += event.bytes;
      work.progress({ done, total, unit: 'bytes', item: event.item });
    },
  });
}

/** The media that the import still needs; throws when all are there and something is missing nevertheless. */
function whatIsMissing(open: OpenBundle, plan: ImportPlan, totals: PlaceTotals): Imported['missing'] {
  if (open.head && totals.incomplete.length === 0 && plan.unknownBlobs.length === 0) return [];
  const missing = missingMedia(open, plan, totals.incomplete);
  if (missing.length > 0) return missing;
  const hex = plan.unknownBlobs[0] ?? totals.incomplete[0] ?? '';
  throw appError('bundle.content-mismatch', { what: `The blob ${hex}`, problem: 'none of the media holds all of it' });
}

/** Builds the folders that are not there as they should be, beside their places. */
async function layOutAll(
  plan: ImportPlan,
  paths: StorePaths,
  totals: PlaceTotals,
  hasLinks: boolean,
): Promise<{ models: FileSet[]; files: FileSet[]; built: string[] }> {
  const sets = { models: [] as FileSet[], files: [] as FileSet[], built: [] as string[] };
  const records = await readImports(paths.store);
  for (const content of plan.contents) {
    const kind = content.kind === 'model' ? 'models' : 'files';
    const files = layOut(content, await readFile(paths.blob(content.manifest.digest.slice('sha256:'.length))));
    const folder = join(paths[kind], content.name);
    const held = records.flatMap((one) => one[kind]).find((one) => one.name === content.name);
    const isKnownCopy = !hasLinks && held?.manifestDigest === content.manifest.digest;
    const copiedBytes = await buildFolder(folder, files, paths, { isKnownCopy });
    if (copiedBytes !== undefined) sets.built.push(folder);
    totals.bytesWritten += copiedBytes ?? 0;
    sets[kind].push(fileSet(content, folder, files));
  }
  return sets;
}

function fileSet(content: BundleContent, folder: string, laidOut: LaidOutFile[]): FileSet {
  const files = laidOut.map(({ path, hex, sizeBytes }) => ({ path, sha256: hex, sizeBytes }));
  const [only, ...more] = files;
  const manifest = content.manifest.digest.slice('sha256:'.length);
  return {
    id: content.name,
    path: folder,
    bytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    sha256: only && more.length === 0 ? only.sha256 : manifest,
    files,
  };
}

/** An import that found all in place keeps the record of the one that brought it; the newest record tells what a name stands for. */
async function record(store: string, done: CompleteImport, isLaidOut: boolean): Promise<void> {
  const before = (await readImports(store)).find((one) => one.bundle.id === done.open.id);
  const fresh = newRecord(done, before);
  const gistOf = (one: ImportRecord) =>
    JSON.stringify([one.signature, one.leftOut, one.images.map((image) => image.imageId)]);
  const isUnchanged = !isLaidOut && done.replaced.length === 0 && fresh.bytesWritten + done.brought.bytesSent === 0;
  if (before && isUnchanged && gistOf(before) === gistOf(fresh)) return;
  await writeImport(store, fresh);
}
