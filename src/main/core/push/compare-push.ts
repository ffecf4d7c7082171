import type { SourceContent } from './push-source.ts';
import { type Place, type PushTarget, placeOf } from './push-target.ts';
import type { SiteRegistry } from './site-registry.ts';
import type { SourceBlob } from './source-blob.ts';

/** A content compared with the registry. */
export interface ComparedContent {
  content: SourceContent;
  place: Place;
  /** The tag names this content already. */
  isPresent: boolean;
  /** Another digest that the tag names. */
  replaces?: string;
  /** The blobs that its repository lacks. */
  absent: SourceBlob[];
}

/** Contents compared with the registry. */
export interface Comparison {
  contents: ComparedContent[];
  /** A repository of the registry that has it, by digest. */
  placed: Map<string, string>;
  /** Bytes to send: each blob once, although several repositories need it. */
  sendBytes: number;
  /** Bytes of blobs that the registry has. */
  presentBytes: number;
}

/** Asks the registry what it lacks. Changes nothing. Throws `remote.*` and `push.*` errors. */
export async function comparePush(
  contents: readonly SourceContent[],
  target: PushTarget,
  registry: SiteRegistry,
): Promise<Comparison> {
  const compared: ComparedContent[] = [];
  const placed = new Map<string, string>();
  for (const content of contents) {
    const place = placeOf(content, target);
    const tagged = await registry.taggedDigest(place.repository, place.tag);
    const isPresent = tagged === content.digest && (await hasAttached(content, place, registry));
    const absent: SourceBlob[] = [];
    for (const blob of content.blobs) {
      const isHere = isPresent || (await registry.hasBlob(place.repository, blob.digest));
      if (isHere) placed.set(blob.digest, place.repository);
      else absent.push(blob);
    }
    const replaces = tagged === content.digest ? undefined : tagged;
    compared.push({ content, place, isPresent, absent, ...(replaces !== undefined && { replaces }) });
  }
  const all = sizesOf(contents.flatMap(({ blobs }) => blobs));
  const sent = sizesOf(compared.flatMap(({ absent }) => absent.filter(({ at, digest }) => at && !placed.has(digest))));
  const here = [...all].filter(([digest]) => placed.has(digest));
  return { contents: compared, placed, sendBytes: sumOf(sent), presentBytes: sumOf(here) };
}

async function hasAttached({ attached }: SourceContent, place: Place, registry: SiteRegistry): Promise<boolean> {
  for (const { digest, tag = digest } of attached)
    if ((await registry.taggedDigest(place.repository, tag)) !== digest) return false;
  for (const subject of new Set(attached.flatMap((one) => one.subject ?? []))) {
    const listed = await registry.referrers(place.repository, subject);
    if (attached.some((one) => one.subject === subject && !listed.includes(one.digest))) return false;
  }
  return true;
}

/** True when every blob that the registry lacks can be read or taken over from another repository. */
export function canComplete({ content, absent }: ComparedContent, placed: ReadonlyMap<string, string>): boolean {
  const isRead = content.manifest !== undefined && content.attached.every(({ bytes }) => bytes !== undefined);
  return isRead && absent.every(({ at, digest }) => at !== undefined || placed.has(digest));
}

function sizesOf(blobs: readonly SourceBlob[]): Map<string, number> {
  return new Map(blobs.map(({ digest, sizeBytes }) => [digest, sizeBytes]));
}

function sumOf(sizes: Iterable<[string, number]>): number {
  return [...sizes].reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0);
}
