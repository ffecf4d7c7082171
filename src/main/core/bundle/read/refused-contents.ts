import { hexOf } from '../../../../shared/digest.ts';
import { AppError, appError, type WireError } from '../../../../shared/errors/app-error.ts';
import type { BundleContent } from '../format/format.ts';
import { planBlob } from './blob-plan.ts';
import { checkName, layOut } from './manifest-files.ts';
import type { OpenBundle } from './open-media.ts';
import { readImageConfig, readPlannedImage } from './planned-image.ts';
import { smallBlob } from './read-blob.ts';

/**
 * Yields why an import refuses contents although every byte may be as signed: those that contradict the bundle's list or could do harm: names, manifests, paths, sizes, image configurations and,
 * once all media were seen, blobs that none of them holds whole. Reads only what is on inserted media. Without the head, nothing.
 */
export async function* refusedContents(open: OpenBundle, signal: AbortSignal): AsyncGenerator<WireError> {
  const { contents = [], media = [] } = open.head?.payload ?? {};
  const known = new Set(open.media.map((medium) => medium.ordinal));
  const isAllSeen = media.every((medium) => known.has(medium.ordinal));
  for (const content of contents) {
    try {
      await checkContent(open, content, isAllSeen, signal);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      yield error.wire;
    }
  }
}

async function checkContent(
  open: OpenBundle,
  content: BundleContent,
  isAllSeen: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (content.kind !== 'image') checkName(content.name);
  for (const { digest, sizeBytes } of [content.manifest, ...content.blobs]) {
    const { isCovered } = planBlob(hexOf(digest), open.partsOf(hexOf(digest)), sizeBytes);
    if (isCovered || !isAllSeen) continue;
    throw appError('bundle.content-mismatch', {
      what: `The blob ${digest} of ${content.name}`,
      problem: 'none of the media holds all of it',
    });
  }
  const manifest = await undamaged(smallBlob(open, content.manifest, signal));
  if (!manifest) return;
  if (content.kind !== 'image') layOut(content, manifest);
  else {
    const image = readPlannedImage(content, manifest);
    const blob = { digest: image.configDigest, sizeBytes: image.configBytes };
    const config = await undamaged(smallBlob(open, blob, signal));
    if (config) readImageConfig(image, config);
  }
}

/** What speaks against the content itself. Whatever else keeps it from being read is damage, and reported as such. */
const refusals = ['bundle.content-mismatch', 'file.too-large'];

async function undamaged(reading: Promise<Buffer | undefined>): Promise<Buffer | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AppError && !refusals.includes(error.code)) return undefined;
    throw error;
  }
}
