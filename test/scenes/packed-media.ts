import { createHash, createPublicKey, verify } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  type HeadPayload,
  headPayload,
  type MediumPayload,
  mediumPayload,
} from '../../src/main/core/bundle/format/format.ts';

const blockBytes = 16 * 1024 * 1024;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Media as found on disk; each statement of their envelopes was compared with the bytes. */
export interface CheckedMedia {
  head: HeadPayload;
  media: MediumPayload[];
  /** Every blob, parts joined, by digest. */
  blobs: Map<string, Buffer>;
}

/**
 * Checks media with nothing of the code that wrote them but the schemas: signatures, sizes, hashes, blocks, that nothing lies
 * on them that no list names, and that all contents of the head are there.
 */
export async function checkMedia(folders: string[]): Promise<CheckedMedia> {
  const media: MediumPayload[] = [];
  const parts = new Map<string, Map<number, Buffer>>();
  const wholly: { digests: Set<string>; indexed: string[]; refs: string[] }[] = [];
  for (const folder of folders) {
    const medium = mediumPayload.parse(await openEnvelope(join(folder, 'sealift/media.json')));
    media.push(medium);
    const listed = medium.files.map((file) => file.path);
    expect(listed).toEqual([...listed].sort());
    const present = (await walk(folder)).filter(
      (path) => !/^sealift\/((media|bundle)\.json|SHA256SUMS(\.sig)?)$/.test(path),
    );
    expect(present.filter((path) => path.startsWith('START-HERE.') || path.startsWith('sealift/')).sort()).toEqual(
      listed,
    );
    const digests = new Set<string>();
    for (const file of medium.files) {
      const bytes = await readFile(join(folder, file.path));
      expect(bytes.length).toBe(file.sizeBytes);
      expect(sha256(bytes)).toBe(file.sha256);
      expect(blocksOf(bytes)).toEqual(file.blocks);
      const [, hex, part] = /^sealift\/layout\/blobs\/sha256\/([0-9a-f]{64})(?:\.(\d{3}))?$/.exec(file.path) ?? [];
      if (!hex) continue;
      const known = parts.get(hex) ?? new Map<number, Buffer>();
      expect(known.has(Number(part ?? 0))).toBe(false);
      parts.set(hex, known.set(Number(part ?? 0), bytes));
      digests.add(`sha256:${hex}`);
    }
    const index = JSON.parse(await readFile(join(folder, 'sealift/layout/index.json'), 'utf8'));
    wholly.push({
      digests,
      indexed: index.manifests.map((one: { digest: string }) => one.digest),
      refs: index.manifests.map((one: { annotations: Record<string, string> }) => Object.values(one.annotations)[0]),
    });
  }
  const blobs = new Map<string, Buffer>();
  for (const [hex, known] of parts) {
    const bytes = Buffer.concat([...known].sort(([a], [b]) => a - b).map(([, part]) => part));
    expect(sha256(bytes)).toBe(hex);
    blobs.set(`sha256:${hex}`, bytes);
  }
  const last = folders.at(-1) ?? '';
  const head = headPayload.parse(await openEnvelope(join(last, 'sealift/bundle.json')));
  await checkHead(head, folders, media);
  for (const content of head.contents) {
    const manifest = blobs.get(content.manifest.digest);
    expect(manifest?.length).toBe(content.manifest.sizeBytes);
    const { config, layers } = JSON.parse(String(manifest));
    const named = [config, ...layers].map((one: { digest: string }) => one.digest);
    for (const { digest } of content.attached ?? []) {
      const attached = JSON.parse(String(blobs.get(digest)));
      named.push(digest, ...[attached.config, ...attached.layers].map((one: { digest: string }) => one.digest));
    }
    expect(content.blobs.map((blob) => blob.digest)).toEqual([...new Set(named)]);
    for (const blob of [config, ...layers]) expect(blobs.get(blob.digest)?.length).toBe(blob.size);
    for (const { digests, indexed } of wholly) {
      const isWhole = [content.manifest.digest, ...named].every((digest) => digests.has(digest));
      const isCut = named.some((digest) => countMedia(wholly, digest) > 1);
      expect(indexed.includes(content.manifest.digest)).toBe(isWhole && !isCut);
    }
  }
  return { head, media, blobs };
}

function countMedia(wholly: { digests: Set<string> }[], digest: string): number {
  return wholly.filter(({ digests }) => digests.has(digest)).length;
}

async function checkHead(head: HeadPayload, folders: string[], media: MediumPayload[]): Promise<void> {
  expect(head.media.map((one) => one.ordinal)).toEqual(folders.map((_, index) => index + 1));
  for (const [index, medium] of media.entries()) {
    expect(medium.bundle).toBe(head.id);
    const stated = head.media[index];
    expect(stated?.label).toBe(medium.label);
    expect(stated?.mediumSha256).toBe(sha256(await readFile(join(folders[index] ?? '', 'sealift/media.json'))));
    expect(stated?.files).toBe(medium.files.length);
    expect(stated?.sizeBytes).toBe(medium.files.reduce((sum, file) => sum + file.sizeBytes, 0));
  }
}

/** The payload of an envelope whose signature was checked with the key in it. */
export async function openEnvelope(path: string): Promise<unknown> {
  const { payloadType, payload, signatures } = JSON.parse(await readFile(path, 'utf8'));
  const bytes = Buffer.from(payload, 'base64');
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} `), bytes]);
  const key = createPublicKey({ key: Buffer.from(signatures[0].publicKey, 'base64'), format: 'der', type: 'spki' });
  expect(verify(null, signed, key, Buffer.from(signatures[0].sig, 'base64'))).toBe(true);
  return JSON.parse(bytes.toString('utf8'));
}

/** All files below a folder, relative to it. */
export async function walk(folder: string, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(folder, prefix))) {
    const path = prefix ? `${prefix}/${entry}` : entry;
    if ((await stat(join(folder, path))).isDirectory()) found.push(...(await walk(folder, path)));
    else found.push(path);
  }
  return found;
}

function blocksOf(bytes: Buffer): string[] {
  const count = Math.ceil(bytes.length / blockBytes);
  return Array.from({ length: count }, (_, index) =>
    sha256(bytes.subarray(index * blockBytes, (index + 1) * blockBytes)),
  );
}
