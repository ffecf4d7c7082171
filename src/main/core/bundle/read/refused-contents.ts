import { hexOf } from '../../../../shared/digest.ts';
import { AppError, appError, type WireError } from '../../../../shared/errors/app-error.ts';
import type { BundleContent } from '../format/format.ts';
import { planBlob } from './blob-plan.ts';
import { checkName, layOut } from './manifest-files.ts';
import type { OpenBundle } from './open-media.ts';
import { readImageConfig, readPlannedImage } from './planned-image.ts';
import { type SeenContent, seenContents, smallBlob } from './read-blob.ts';

/**
 * Yields why an import refuses contents although every byte may be as signed: those that contradict the bundle's list or could do harm: names, manifests, paths, sizes, image configurations and,
 * once all media were seen, blobs that none of them holds whole. Reads only what is on inserted media. Without the head, it
 * checks what the media's own indexes name.
 */
export async function* refusedContents(open: OpenBundle, signal: AbortSignal): AsyncGenerator<WireError> {
  const known = new Set(open.media.map((medium) => medium.ordinal));
  const isAllSeen = open.head?.payload.media.every((medium) => known.has(medium.ordinal)) ?? false;
  try {
    checkSizes(open.head?.payload.contents ?? []);
  } catch (error) {
    yield refusal(error);
  }
  let contents: SeenContent[] | undefined = [];
  try {
    contents = await undamaged(seenContents(open, signal));
  } catch (error) {
    yield refusal(error);
  }
  for (const content of contents ?? []) {
    try {
      await checkContent(open, content, isAllSeen, signal);
    } catch (error) {
      yield refusal(error);
    }
  }
}

function refusal(error: unknown): WireError {
  if (error instanceof AppError) return error.wire;
  throw error;
}

/** One digest has one size. */
function checkSizes(contents: readonly BundleContent[]): void {
  const sizes = new Map<string, number>();
  for (const { name, manifest, blobs } of contents) {
    for (const { digest, sizeBytes } of [manifest, ...blobs]) {
      const known = sizes.get(digest) ?? sizeBytes;
      sizes.set(digest, known);
      if (known === sizeBytes) continue;
      const problem = `${digest} has ${known} bytes in one place and ${sizeBytes} in another`;
      throw appError('bundle.content-mismatch', { what: name, problem });
    }
  }
}

async function checkContent(
  open: OpenBundle,
  content: SeenContent,
  isAllSeen: boolean,
  signal: AbortSignal,
): Promise<void> {
  // Without the head, import takes no names of models and file sets from an index.
  const { kind, manifest, blobs } = content;
  const isListed = blobs !== undefined;
  if (isListed && kind !== 'image') checkName(content.name);
  for (const { digest, sizeBytes } of [manifest, ...(blobs ?? [])]) {
    const { isCovered } = planBlob(hexOf(digest), open.partsOf(hexOf(digest)), sizeBytes);
    if (isCovered || !isAllSeen || open.leftOut.has(digest)) continue;
    throw appError('bundle.content-mismatch', {
      what: `The blob ${digest} of ${content.name}`,
      problem: 'none of the media holds all of it',
    });
  }
  if (!isListed && kind !== 'image') return;
  const bytes = await undamaged(smallBlob(open, manifest, signal));
  if (!bytes) return;
  if (kind !== 'image') layOut(content as BundleContent, bytes);
  else {
    const image = readPlannedImage(content, bytes);
    const blob = { digest: image.configDigest, sizeBytes: image.configBytes };
    const config = await undamaged(smallBlob(open, blob, signal));
    if (config) readImageConfig(image, config);
  }
}

/** What speaks against the content itself. Whatever else keeps it from being read is damage, and reported as such. */
const refusals = ['bundle.content-mismatch', 'file.too-large'];

async function undamaged<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AppError && !refusals.includes(error.code)) return undefined;
    throw error;
  }
}
