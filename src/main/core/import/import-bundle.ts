import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { boundedTexts } from '../../../shared/bounded-text.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { boundedFindings, type Finding } from '../../../shared/finding.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import { countersignaturePath, headEnvelopePath, mediumEnvelopePath } from '../bundle/format/format.ts';
import type { OpenBundle } from '../bundle/read/open-media.ts';
import { pathExists } from '../files/path-exists.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { ImportRecord } from '../store/import-record.ts';
import { withStoreLock } from '../store/lock-store.ts';
import { writeImport } from '../store/read-imports.ts';
import { type StorePaths, storePaths } from '../store/store-paths.ts';
import type { Work } from '../work.ts';
import { carryContent } from './carry-content.ts';
import { dropRefused, dropStaged, refuseUnseen } from './import-images.ts';
import { type CompleteImport, type Imported, leftOutFindings, newRecord, shownImport } from './import-result.ts';
import { importedFindings } from './judged-models.ts';
import { layOutAll } from './lay-out-all.ts';
import { neededMedia } from './plan/needed-media.ts';
import type { StorePlan } from './plan/plan-store.ts';
import { preflight } from './plan/preflight.ts';
import { replacedFinding } from './plan/replaced-content.ts';
import { type ImportRequest, openImport, type PreparedImport, prepareImport } from './prepare-import.ts';
import type { PlaceTotals } from './weights/copy-blobs.ts';
import { putInPlace, takeOldAway } from './weights/model-folder.ts';

/** What `importBundle` is given. */
export interface ImportInput extends ImportRequest {
  /** The folder of the built worker entries. */
  workers: string;
  /** The store's folder when it is not the one of the data folder, for the command that continues the import. */
  ownStore?: string | undefined;
  now: () => Date;
}

/**
 * Imports what the bundle on these media carries, as in the contract: models and file sets into the store, images into the engine;
 * without an engine images are left out with a finding. Media are only read. What is incomplete stays marked `.part`, and the next
 * run resumes from it.
 */
export async function importBundle(input: ImportInput, work: Work): Promise<Imported> {
  const startedAt = input.now();
  const paths = storePaths(input.store);
  work.step('open', 'Check the signatures');
  const open = await openImport({ ...input, keepsNotices: true }, paths);
  return withStoreLock(paths.store, startedAt, async () => {
    work.step('preflight', 'Check the container engine, space and rights');
    const prepared = await prepareImport(open, paths, input, work.signal);
    return carryOut(prepared, input, startedAt, work);
  });
}

async function carryOut(prepared: PreparedImport, input: ImportInput, startedAt: Date, work: Work): Promise<Imported> {
  const { open, paths, images, plan, replaced, refusals, newerSealift } = prepared;
  const [refusal] = refusals;
  if (refusal) throw refusal;
  const newer = newerSealift ? [newerSealift] : [];
  warnOf([...newer, ...leftOutFindings(images), ...replaced.map((one) => replacedFinding(one, false))], work);
  const contentBytes = plan.contents.reduce((sum, one) => sum + one.totalBytes, 0);
  const hasLinks = await preflight(paths, plan.neededBytes, contentBytes, images.plan?.space);
  const isNew = await remember(open, paths);
  const { totals, brought } = await carryContent(prepared, input.workers, work).catch(async (thrown) => {
    await dropRefused(prepared, thrown);
    throw thrown;
  });
  const missing = whatIsMissing(open, plan, totals);
  const soFar = { prepared, totals, brought, missing, startedAt };
  if (missing.length > 0) {
    const isIdle = !isNew && totals.bytesRead + brought.bytesSent === 0;
    if (isIdle)
      throw appError('import.medium-missing', { labels: missing.map((one) => one.label), dirs: [...input.dirs] });
    const shown = shownImport({ ...soFar, models: [], files: [], endedAt: input.now() }, againCommand(input));
    return { ...shown, findings: boundedFindings(shown.findings, 200_000) };
  }
  refuseUnseen(images);
  work.step('lay-out', 'Lay out the files');
  const { models, files, built } = await layOutAll(prepared, totals, hasLinks, work);
  const done = { ...soFar, models, files, endedAt: input.now() };
  // A folder and the record of what it holds never contradict each other: while both change, there is no folder.
  for (const folder of built) await takeOldAway(folder);
  await record(done, built.length > 0);
  for (const folder of built) await putInPlace(folder);
  await dropStaged(prepared);
  const judged = await importedFindings(models);
  warnOf(judged, work);
  const shown = shownImport(done, againCommand(input));
  return { ...shown, findings: boundedFindings([...shown.findings, ...judged], 200_000) };
}

/** A bundle may give any number of reasons. */
function warnOf(findings: readonly Finding[], work: Work): void {
  for (const title of boundedTexts(findings.map((one) => one.title))) work.warn(title);
}

/** The command that continues the import. */
function againCommand({ dirs, overrideReason, engine, ownStore, allowOlder }: ImportInput): string {
  const options = { '--store': ownStore, '--engine': engine, '--override-untrusted': overrideReason };
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  return ['sealift import', ...[...dirs, ...given].map(shellWord), ...(allowOlder ? ['--allow-older'] : [])].join(' ');
}

/** Keeps the envelopes, so that a medium put in later can be told where its parts belong, and as evidence. True when one is new. */
async function remember(open: OpenBundle, paths: StorePaths): Promise<boolean> {
  let isNew = false;
  const modes = { mode: 0o644, folderMode: 0o700 };
  for (const medium of open.media) {
    if (medium.root === undefined) continue;
    const folder = join(paths.seen(open.id), String(medium.ordinal));
    isNew ||= !(await pathExists(join(folder, mediumEnvelopePath)));
    await writeWhole(join(folder, mediumEnvelopePath), medium.bytes, modes);
    const head = join(folder, headEnvelopePath);
    if (medium.hasHead && open.head) await writeWhole(head, open.head.bytes, modes);
    else await rm(head, { force: true });
    const second = join(folder, countersignaturePath);
    if (medium.hasHead && open.second) await writeWhole(second, open.second.bytes, modes);
    else await rm(second, { force: true });
  }
  return isNew;
}

/** Returns the media that the import still needs. Throws when all are there and something is missing anyway. */
function whatIsMissing(open: OpenBundle, plan: StorePlan, totals: PlaceTotals): Imported['missing'] {
  if (open.head && totals.incomplete.length === 0 && plan.unknownBlobs.length === 0) return [];
  const missing = neededMedia(open, plan, totals.incomplete);
  if (missing.length > 0) return missing;
  const hex = plan.unknownBlobs[0] ?? totals.incomplete[0] ?? '';
  throw appError('bundle.content-mismatch', { what: `The blob ${hex}`, problem: 'none of the media holds all of it' });
}

/** An import that changed nothing keeps its old record. Otherwise it becomes the newest, which says what each name stands for. */
async function record(done: CompleteImport, isLaidOut: boolean): Promise<void> {
  const { open, paths, records, replaced } = done.prepared;
  const before = records.find((one) => one.bundle.id === open.id);
  const fresh = newRecord(done, before);
  const gistOf = (one: Omit<ImportRecord, 'sequence'>) =>
    JSON.stringify([one.signature, one.olderThan, one.leftOut, one.images.map((image) => image.imageId)]);
  const isUnchanged = !isLaidOut && replaced.length === 0 && fresh.bytesWritten + done.brought.bytesSent === 0;
  if (before && isUnchanged && gistOf(before) === gistOf(fresh)) return;
  await writeImport(paths, fresh, records);
}
