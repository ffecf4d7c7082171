import { join } from 'node:path';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import { listFolder } from '../../files/list-folder.ts';
import { type JudgedNotices, judgeNotices, readKeyBook } from '../../signing/judge-key.ts';
import { keepNotices } from '../../signing/key-notices.ts';
import { type BlobParts, partsByDigest } from '../format/blob-parts.ts';
import { checkHeadPayload, checkMediumPayload } from '../format/check-payload.ts';
import {
  type HeadPayload,
  headEnvelopePath,
  headPayload,
  headPayloadType,
  type MediumPayload,
  mediumEnvelopePath,
  mediumPayload,
  mediumPayloadType,
} from '../format/format.ts';
import { type Repairs, unusedRepairs } from '../format/repairs.ts';
import { findMedia, findRepairs } from './find-media.ts';
import { readMediaNotices } from './medium-notices.ts';
import { type ReadEnvelope, readEnvelope, type Trust } from './read-envelope.ts';
import { type JudgedSeconds, judgeSeconds, readSecond, type SecondSignature } from './second-signature.ts';

/** A medium whose envelope is checked. Without a `root` it is only remembered from an earlier import: its files cannot be read. */
export interface OpenMedium extends ReadEnvelope<MediumPayload> {
  ordinal: number;
  label: string;
  root?: string;
  /** Folders that may have blocks of it which were brought again. */
  repairs?: Repairs;
  /** True when the head is on it too. */
  hasHead: boolean;
}

/** A bundle as far as it was seen: signatures, order and belonging are checked, blobs are not read yet. */
export interface OpenBundle extends JudgedSeconds {
  /** 32 hex digits. */
  id: string;
  /** The signed list of the whole, when it was on one of the media or is remembered. */
  head?: ReadEnvelope<HeadPayload>;
  /** By ordinal, remembered ones too. */
  media: OpenMedium[];
  /** Media that are not inserted: by the head or, without it, by gaps in the ordinals (then named "medium N"). */
  missing: { ordinal: number; label: string }[];
  /** Who signed: the head's signer, without it the first medium's. Trusted only when every envelope was signed by a trusted key. */
  signature: { keyId: string; isTrusted: boolean; overrideReason?: string };
  /** What is known about keys, with what the media say. */
  notices: JudgedNotices;
  /** A blob's parts in order across the media that are known; see `BlobParts`. */
  partsOf(hex: string): BlobParts;
  /** Digests of the blobs that are on no medium because the site is expected to have them. Empty without the head. */
  leftOut: ReadonlySet<string>;
  /** Hex digests of the blobs on inserted media, whole or in part. */
  presentBlobs(): string[];
}

/** How to open media. */
export interface OpenOptions {
  /** Why untrusted or unsigned media may be opened anyway. */
  overrideReason?: string | undefined;
  /** Fingerprints (hex) of keys that are trusted in addition to those in the trust file. */
  ownKeyIds?: readonly string[];
  /** Keep what the media say about trusted keys, also if the bundle is refused then. */
  keepsNotices?: boolean;
  /** Returns the folder of a bundle's remembered envelopes: `<ordinal>/sealift/media.json` and, if seen, `bundle.json`. */
  remembered?: ((bundleId: string) => string) | undefined;
}

const mediumKind = { payloadType: mediumPayloadType, schema: mediumPayload };
const headKind = { payloadType: headPayloadType, schema: headPayload };

/**
 * Opens the media in these folders (see `findMedia`) as one bundle. What they say about keys counts first. Everything is checked before
 * it is believed; each way to fail has its own `bundle.*` error. Untrusted or unsigned envelopes pass only with an override, never those with a wrong signature.
 */
export async function openMedia(
  dirs: readonly string[],
  trustFile: string,
  options: OpenOptions = {},
): Promise<OpenBundle> {
  const { ownKeyIds = [], overrideReason } = options;
  const roots = await findMedia(dirs);
  const repairs = await findRepairs(dirs);
  const notices = judgeNotices(await readKeyBook(trustFile), await readMediaNotices(roots));
  if (options.keepsNotices) await keepNotices(trustFile, notices.lasting);
  const trust: Trust = { book: notices.book, ownKeyIds, overrideReason };
  const media: OpenMedium[] = [];
  const heads: FoundHead[] = [];
  for (const root of roots) {
    await openOne(root, trust, { media, heads, known: heads }, true);
    // At once: to check the lists of 999 media that do not belong together takes minutes.
    checkSameBundle(media);
    checkOrdinals(media);
    checkOneHead(heads);
  }
  const id = media[0]?.payload.bundle ?? '';
  if (options.remembered) await addRemembered(options.remembered(id), trust, media, heads);
  if (repairs.length > 0)
    for (const medium of media) if (medium.root !== undefined) medium.repairs = unusedRepairs(repairs);
  media.sort((a, b) => a.ordinal - b.ordinal);
  const head = checkedHead(id, media, heads);
  const seconds = judgeSeconds(
    head,
    heads.flatMap((one) => one.second ?? []),
    notices.book,
  );
  return { ...assemble(id, media, head, trust), ...seconds, notices };
}

/** A head, and the second signature next to it. */
type FoundHead = ReadEnvelope<HeadPayload> & { path: string; second: SecondSignature | undefined };

/** Adds what a medium has to `media` and `heads`. A head of the same bytes as a known one is not checked again. */
async function openOne(
  root: string,
  trust: Trust,
  { media, heads, known }: { media: OpenMedium[]; heads: FoundHead[]; known: readonly FoundHead[] },
  isPresent: boolean,
): Promise<void> {
  const medium = await readEnvelope(root, mediumEnvelopePath, mediumKind, trust);
  const head = await readEnvelope(root, headEnvelopePath, headKind, trust, known);
  if (medium) {
    checkMediumPayload(medium.payload, join(root, mediumEnvelopePath));
    const { ordinal, label } = medium.payload;
    media.push({ ...medium, ordinal, label, hasHead: head !== undefined, ...(isPresent && { root }) });
  }
  if (head) {
    if (known.every((one) => one.payload !== head.payload))
      checkHeadPayload(head.payload, join(root, headEnvelopePath));
    heads.push({ ...head, path: join(root, headEnvelopePath), second: await readSecond(root, trust) });
  }
}

/**
 * Adds the media of earlier imports. One that would be refused today, or that is less trusted than those inserted, counts as never
 * seen: an import with an override must not block the genuine media.
 */
async function addRemembered(folder: string, trust: Trust, media: OpenMedium[], heads: FoundHead[]): Promise<void> {
  const isTrustRequired = media.every((one) => one.isTrusted);
  const known: OpenMedium[] = [];
  for (const name of await listFolder(folder)) {
    if (!/^\d{1,3}$/.test(name)) continue;
    const seen = { media: [] as OpenMedium[], heads: [] as FoundHead[] };
    await openOne(join(folder, name), trust, { ...seen, known: heads }, false).catch(ignoreRefusal);
    if (isTrustRequired && [...seen.media, ...seen.heads].some((one) => !one.isTrusted)) continue;
    known.push(...seen.media);
    heads.push(...seen.heads);
  }
  for (const one of known) {
    const present = media.find((medium) => medium.ordinal === one.ordinal);
    if (!present) media.push(one);
    else if (present.sha256 !== one.sha256) {
      const problem = 'an earlier import saw another medium with this number';
      throw appError('bundle.swapped-medium', { path: present.root ?? '', ordinal: one.ordinal, problem });
    }
  }
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof AppError && error.code.startsWith('bundle.'))) throw error;
}

function checkSameBundle(media: OpenMedium[]): void {
  const [first, ...others] = media;
  const foreign = others.find((medium) => medium.payload.bundle !== first?.payload.bundle);
  if (!first || !foreign) return;
  throw appError('bundle.foreign', {
    path: foreign.root ?? '',
    otherPath: first.root ?? '',
    id: foreign.payload.bundle,
    otherId: first.payload.bundle,
  });
}

/** Compares the last of the media with those before it. */
function checkOrdinals(media: OpenMedium[]): void {
  const last = media.at(-1);
  const twin = media.slice(0, -1).find((one) => one.ordinal === last?.ordinal);
  if (!last || !twin) return;
  const paths = [twin.root ?? '', last.root ?? ''];
  throw appError('bundle.duplicate-medium', { ordinal: last.ordinal, paths });
}

function checkOneHead([first, ...others]: readonly FoundHead[]): void {
  const other = others.find((one) => one.sha256 !== first?.sha256);
  if (!first || !other) return;
  throw appError('bundle.malformed', {
    path: other.path,
    problem: `it differs from ${first.path}, but a bundle has one list only`,
  });
}

function checkedHead(id: string, media: OpenMedium[], heads: FoundHead[]): ReadEnvelope<HeadPayload> | undefined {
  const [first] = heads;
  if (!first) return undefined;
  const { path } = first;
  if (first.payload.id !== id) {
    throw appError('bundle.foreign', { path, otherPath: media[0]?.root ?? '', id: first.payload.id, otherId: id });
  }
  checkOneHead(heads);
  for (const medium of media) {
    const listed = first.payload.media[medium.ordinal - 1];
    const swapped = (problem: string) =>
      appError('bundle.swapped-medium', { path: medium.root ?? '', ordinal: medium.ordinal, problem });
    if (!listed) throw swapped(`its number ${medium.ordinal} is not in ${path}`);
    if (listed.mediumSha256 !== medium.sha256 || listed.label !== medium.label) {
      throw swapped(`${path} lists another medium ${medium.ordinal} (${listed.label})`);
    }
  }
  return first;
}

function assemble(
  id: string,
  media: OpenMedium[],
  head: ReadEnvelope<HeadPayload> | undefined,
  trust: Trust,
): Omit<OpenBundle, 'notices' | keyof JudgedSeconds> {
  const present = new Set(media.filter((medium) => medium.root !== undefined).map((medium) => medium.ordinal));
  const listed =
    head?.payload.media ??
    Array.from({ length: media.at(-1)?.ordinal ?? 0 }, (_, index) => ({
      ordinal: index + 1,
      label: media.find((medium) => medium.ordinal === index + 1)?.label ?? `medium ${index + 1}`,
    }));
  const signers = [...(head ? [head] : []), ...media];
  const isTrusted = signers.every((one) => one.isTrusted);
  const parts = partsByDigest(media);
  return {
    id,
    ...(head && { head }),
    media,
    missing: listed.filter(({ ordinal }) => !present.has(ordinal)).map(({ ordinal, label }) => ({ ordinal, label })),
    signature: {
      keyId: signers[0]?.keyId ?? '',
      isTrusted,
      ...(!isTrusted && trust.overrideReason !== undefined && { overrideReason: trust.overrideReason }),
    },
    leftOut: new Set(head?.payload.base?.leftOut),
    partsOf: (hex) => parts.get(hex) ?? { parts: [], isWhole: false },
    presentBlobs: () =>
      [...parts].filter(([, blob]) => blob.parts.some(({ part }) => part.root !== undefined)).map(([hex]) => hex),
  };
}
