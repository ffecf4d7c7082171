import { AppError, appError } from '../../../shared/errors/app-error.ts';
import type { Finding } from '../../../shared/finding.ts';
import { checkNotices } from '../bundle/read/check-notices.ts';
import { extraFilesFinding } from '../bundle/read/extra-files.ts';
import { newerSealiftFinding } from '../bundle/read/newer-sealift.ts';
import { openMedia } from '../bundle/read/open-media.ts';
import { type SeenContent, seenContents } from '../bundle/read/read-blob.ts';
import { refuseSingle, type SignedBundle } from '../bundle/read/refuse-single.ts';
import { refusedContents } from '../bundle/read/refused-contents.ts';
import { ownSystem } from '../hardware/own-system.ts';
import { installRemedies } from '../store/carried-packages.ts';
import type { ImportRecord } from '../store/import-record.ts';
import { newestOfEach, readImports } from '../store/read-imports.ts';
import type { StorePaths } from '../store/store-paths.ts';
import { chooseImages, type ImagesChoice, imageShare } from './plan/choose-images.ts';
import { lackingBase } from './plan/lacking-base.ts';
import { type OlderBundle, olderBundle } from './plan/older-bundle.ts';
import { planStore, type StorePlan } from './plan/plan-store.ts';
import { findReplaced, inUseError, type Replaced } from './plan/replaced-content.ts';

/** What a person asks to import, and where to. */
export interface ImportRequest {
  dirs: readonly string[];
  /** The store's folder. */
  store: string;
  trustFile: string;
  /** The folder of the sites that take their models from this store. */
  sites?: string | undefined;
  /** Why untrusted or unsigned media may be imported. */
  overrideReason?: string | undefined;
  /** Import it although it is older than one that was imported. */
  allowOlder?: boolean | undefined;
  /** The container engine's address, or `none`; by default the usual one, if it answers. */
  engine?: string | undefined;
  /** Version of this Sealift, to find out whether the media bring a newer one. */
  version?: string | undefined;
}

/** What an import will do; nothing has been written yet. The preview shows it, the run carries it out. */
export interface PreparedImport {
  open: SignedBundle;
  paths: StorePaths;
  /** What the bundle carries, as far as the media list it. */
  contents: SeenContent[];
  /** The complete imports of the store, newest first. */
  records: ImportRecord[];
  images: ImagesChoice;
  plan: StorePlan;
  /** About files on the media that no signed list names. */
  extraFiles: Finding | undefined;
  /** The media bring a newer Sealift. */
  newerSealift: Finding | undefined;
  /** Set if a newer bundle was imported; without permission, the import is then refused. */
  older: OlderBundle | undefined;
  /** Models and file sets of the store that will be replaced. */
  replaced: Replaced[];
  /** Why the run will be refused. The preview lists all of them, the run throws the first. */
  refusals: AppError[];
}

/** Opens the media together with the envelopes that the store remembers. Throws what `openMedia` throws, and `bundle.one-signature`. */
export async function openImport(
  { dirs, trustFile, overrideReason, keepsNotices = false }: OpenRequest,
  paths: StorePaths,
): Promise<SignedBundle> {
  const open = await openMedia(dirs, trustFile, { overrideReason, keepsNotices, remembered: paths.seen });
  return refuseSingle(open, trustFile);
}

/** `keepsNotices`: what the media say about trusted keys outlasts them. */
type OpenRequest = Pick<ImportRequest, 'dirs' | 'trustFile' | 'overrideReason'> & { keepsNotices?: boolean };

/**
 * Compares a bundle with the store and the engine. Throws when the bundle contradicts itself or the store is damaged;
 * an older bundle, an engine that cannot take the images and a model in use are `refusals`.
 */
export async function prepareImport(
  open: SignedBundle,
  paths: StorePaths,
  {
    dirs,
    engine,
    sites,
    allowOlder,
    version,
  }: Pick<ImportRequest, 'dirs' | 'engine' | 'sites' | 'allowOlder' | 'version'>,
  signal: AbortSignal,
): Promise<PreparedImport> {
  await checkNotices(open, signal);
  const records = await readImports(paths.store);
  const contents = await seenContents(open, signal);
  for await (const refusal of refusedContents(open, signal)) throw new AppError(refusal);
  const older = olderBundle(open, contents, records);
  const images = await chooseImages(open, contents, paths, engine, signal);
  const plan = await planStore(open, contents, paths, imageShare(images), signal);
  const lacking = lackingBase(open, plan, images.plan);
  const found = await findReplaced(plan.contents, records, sites);
  return {
    open,
    paths,
    contents,
    records,
    images: await withPackages(images, plan, records),
    plan,
    extraFiles: await extraFilesFinding(open),
    newerSealift: version === undefined ? undefined : newerSealiftFinding(open, version),
    older,
    replaced: found.filter((one) => one.users.length === 0),
    refusals: [
      ...(older && !allowOlder ? [appError('import.older', { ...older, dirs: [...dirs] })] : []),
      ...(lacking ? [lacking] : []),
      ...(images.refusal ? [images.refusal] : []),
      ...found.filter((one) => one.users.length > 0).map(inUseError),
    ],
  };
}

/** Where an engine is missing, the first remedy is to install one from packages that this bundle or an earlier one brings. */
async function withPackages(
  images: ImagesChoice,
  { contents }: StorePlan,
  records: readonly ImportRecord[],
): Promise<ImagesChoice> {
  const { leftOut } = images;
  if (!leftOut?.isAbsent) return images;
  const sets = [...contents.filter((one) => one.kind === 'files'), ...records.flatMap((one) => one.files)];
  const newest = newestOfEach(sets, (one) => one.name);
  const install = installRemedies('container-engine', await ownSystem(), newest);
  return { ...images, leftOut: { ...leftOut, remedies: [...install, ...leftOut.remedies] } };
}
