import { heldWords } from '../../../../shared/bundle-evidence.ts';
import { digestOf } from '../../../../shared/digest.ts';
import type { ByteRange } from '../../files/source-folder.ts';
import type { Work } from '../../work.ts';
import type { HeadPayload } from '../format/format.ts';
import { HeldBlobs } from '../read/held-blobs.ts';
import type { Held } from '../read/read-held.ts';
import type { BlobSource, ContentSource } from '../sources/content-source.ts';
import { PackThread } from './pack-thread.ts';

/** What a bundle leaves out because the site has it. */
export interface LeftOut {
  held: Held;
  /** `sha256:…` of the blobs that go on no medium. */
  digests: Set<string>;
  /** Their size together. */
  bytes: number;
}

/**
 * Finds out which blobs the site has, and returns the sources with the digests of those. Files on disk that have the size of one there are
 * read for that: so they may be read twice. An image that its engine streams is carried whole, and with it the layers of all others: its
 * own are not known before, and one may be theirs. Throws `file.*`, `pack.source-changed`.
 */
export async function leaveOut(
  sources: readonly ContentSource[],
  held: Held,
  workers: string,
  work: Work,
): Promise<{ sources: ContentSource[]; leftOut: LeftOut }> {
  const blobs = new HeldBlobs(held.contents);
  const digests = await digestsOf(sources, blobs, workers, work);
  const known = ({ key, digest }: Pick<BlobSource, 'key' | 'digest'>) => digest ?? digests.get(key) ?? key;
  const needed = new Set<string>();
  const there = new Map<string, number>();
  const hasSaved = sources.some((source) => source.saved);
  for (const source of sources) {
    const among =
      hasSaved && source.kind === 'image' ? new Set<string>() : blobs.among(source.kind, layersOf(source, known));
    for (const blob of source.blobs) {
      if (among.has(known(blob))) there.set(known(blob), blob.range.sizeBytes);
      else needed.add(known(blob));
    }
  }
  // What one content lacks is carried for all.
  for (const digest of needed) there.delete(digest);
  const marked = sources.map((source) => ({
    ...source,
    blobs: source.blobs.map((blob) => (there.has(known(blob)) ? { ...blob, digest: known(blob) } : blob)),
    ...(source.saved && { notes: [...(source.notes ?? []), wholeNote(source.name, held)] }),
  }));
  const bytes = [...there.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  return { sources: marked, leftOut: { held, digests: new Set(there.keys()), bytes } };
}

/** Returns what the head says about what was left out. */
export function headBase({ held, digests }: LeftOut): NonNullable<HeadPayload['base']> {
  const { kind, id, name, created, sha256 } = held;
  const named = { ...(id !== undefined && { id }), ...(name !== undefined && { name }) };
  return { kind, ...named, created, sha256, leftOut: [...digests].sort() };
}

function wholeNote(name: string, held: Held): string {
  return `The image ${name} is carried whole, and with it every other image of this bundle, whatever ${heldWords(held)} has of them: an engine shows its layers only while it saves them.`;
}

/** The layers of a content in the order of its manifest. */
function layersOf(source: ContentSource, known: (blob: Pick<BlobSource, 'key' | 'digest'>) => string): string[] {
  if (source.saved) return [];
  if (source.kind !== 'image') return source.blobs.map(known);
  const byKey = new Map(source.blobs.map((blob) => [blob.key, known(blob)]));
  const [, ...layers] = source.finish((key) => byKey.get(key) ?? key).blobs;
  return layers.map((layer) => layer.digest);
}

/** The digests of files that may be there, by key. */
async function digestsOf(
  sources: readonly ContentSource[],
  held: HeldBlobs,
  workers: string,
  work: Work,
): Promise<Map<string, string>> {
  const asked = new Map<string, ByteRange>();
  for (const { kind, blobs } of sources) {
    for (const { key, digest, range } of blobs) {
      if (kind === 'image' || digest || 'url' in range || !held.mayHaveFile(range.sizeBytes)) continue;
      asked.set(key, range);
    }
  }
  const found = new Map<string, string>();
  if (asked.size === 0) return found;
  work.step('base', 'Comparing files with what the site has');
  const total = [...asked.values()].reduce((sum, range) => sum + range.sizeBytes, 0);
  let done = 0;
  const thread = new PackThread(workers, work);
  try {
    for (const [key, range] of asked) {
      work.signal.throwIfAborted();
      const hex = await thread.digest(range, (bytes) => {
        done += bytes;
        work.progress({ done, total, unit: 'bytes', item: range.path.slice(range.path.lastIndexOf('/') + 1) });
      });
      found.set(key, digestOf(hex));
    }
  } finally {
    await thread.close();
  }
  return found;
}
