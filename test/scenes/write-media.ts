import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type BundleContent,
  blockBytes,
  type HeadPayload,
  headPayloadType,
  type MediumPayload,
  mediumPayloadType,
} from '../../src/main/core/bundle/format/format.ts';
import { modelArtifactType } from '../../src/main/core/bundle/format/oci-documents.ts';
import { canonicalJson } from '../../src/main/core/signing/canonical-json.ts';
import { keyIdOf, type Signer, signEnvelope } from '../../src/main/core/signing/dsse.ts';
import { hexOf } from '../../src/shared/digest.ts';

/** What goes onto the media: models and file sets by name, each with its files by path; images as one layer. */
export interface FakeContent {
  kind: 'model' | 'files' | 'image';
  name: string;
  files: Record<string, Buffer>;
  /** The configuration in place of an honest one. */
  config?: string;
}

/** Where a lie can be told; everything else stays honest (real files, real hashes, real signatures). */
export interface Lies {
  /** Bytes are written as they are. */
  manifest?: (manifest: FakeManifest, content: FakeContent) => unknown;
  /** The `index.json` of each medium; bytes are written as they are. */
  index?: (index: { schemaVersion: number; manifests: unknown[] }) => unknown;
  /** The configuration of images. */
  config?: string;
  medium?: (payload: MediumPayload) => unknown;
  head?: (payload: HeadPayload) => unknown;
}

/** A manifest before it is changed. */
export interface FakeManifest {
  schemaVersion: number;
  mediaType: string;
  artifactType?: string;
  config: Descriptor;
  layers: (Descriptor & { annotations: Record<string, string> })[];
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/** The media that were written. */
export interface FakeBundle {
  id: string;
  dirs: string[];
  signer: Signer;
  head: HeadPayload;
}

/** How to write them. */
export interface FakeOptions {
  contents: FakeContent[];
  /** Number of media (default 1); blobs are dealt out in order so that the media get about the same. */
  media?: number;
  partBytes?: number;
  signer?: Signer;
  id?: string;
  lies?: Lies;
}

/** A signer with a new key. */
export function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicKeyDer = publicKey.export({ format: 'der', type: 'spki' });
  return { keyId: keyIdOf(publicKeyDer), privateKey, publicKeyDer };
}

/** Writes a bundle to `<folder>/medium-1`, `medium-2`, … as the format says, the head on the last. */
export function writeMedia(folder: string, options: FakeOptions): FakeBundle {
  const signer = options.signer ?? newSigner();
  const id = options.id ?? randomBytes(16).toString('hex');
  const blobs = new Map<string, Buffer>();
  const contents = options.contents.map((content) => addContent(blobs, content, options.lies));
  const media = dealOut(blobs, options.media ?? 1, options.partBytes ?? 255 * blockBytes);
  const dirs = media.map((_, index) => join(folder, `medium-${index + 1}`));
  const listed = media.map((files, index) => {
    files.set('sealift/layout/oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
    files.set('sealift/layout/index.json', indexOf(contents, files, options.lies?.index));
    return writeMedium(dirs[index] ?? '', { id, ordinal: index + 1, files, signer, lie: options.lies?.medium });
  });
  const created = new Date().toISOString();
  const tool = { name: 'sealift' as const, version: '0.0.0-test' };
  const head: HeadPayload = { version: 1, id, name: 'test', created, tool, contents, media: listed, requirements: {} };
  const payload = options.lies?.head?.(head) ?? head;
  writeAt(dirs.at(-1) ?? '', 'sealift/bundle.json', signEnvelope(headPayloadType, canonicalJson(payload), signer));
  return { id, dirs, signer, head };
}

/** SHA-256 in hex. */
export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What was hashed of large buffers, which stay as they are: the tests of a file write the same contents again and again. */
const hashed = new WeakMap<ArrayBufferLike, Map<string, string>>();

function digestOf(bytes: Buffer): string {
  if (bytes.length < 65_536) return sha256(bytes);
  const known = hashed.get(bytes.buffer) ?? new Map<string, string>();
  hashed.set(bytes.buffer, known);
  const range = `${bytes.byteOffset}+${bytes.length}`;
  const digest = known.get(range) ?? sha256(bytes);
  known.set(range, digest);
  return digest;
}

/** As `someBytes`, as a GGUF without metadata and with one tensor of bytes; 65 bytes at least. */
export function ggufBytes(sizeBytes: number, seed: string): Buffer {
  const header = Buffer.alloc(64);
  header.write('GGUF\x03', 'latin1');
  header.writeBigUInt64LE(1n, 8);
  // Its name, "a", one dimension, its length, and the type I8; at the start of the data.
  header.writeBigUInt64LE(1n, 24);
  header.write('a', 32);
  header.writeUInt32LE(1, 33);
  header.writeBigUInt64LE(BigInt(sizeBytes - header.length), 37);
  header.writeUInt32LE(24, 45);
  return Buffer.concat([header, someBytes(sizeBytes - header.length, seed)]);
}

/** Bytes that do not compress, the same for the same seed. */
export function someBytes(sizeBytes: number, seed: string): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < sizeBytes; at += 1024 * 1024) {
    const key = createHash('sha256').update(`${seed} ${at}`).digest();
    pieces.push(Buffer.alloc(Math.min(1024 * 1024, sizeBytes - at), key));
  }
  return Buffer.concat(pieces);
}

function addContent(blobs: Map<string, Buffer>, content: FakeContent, lies: Lies = {}): BundleContent {
  const add = (bytes: Buffer, mediaType: string): Descriptor => {
    const hex = digestOf(bytes);
    blobs.set(hex, bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const form = forms[content.kind];
  const liedConfig = content.kind === 'image' ? lies.config : undefined;
  const config = add(Buffer.from(liedConfig ?? content.config ?? honestConfig(content)), form.config);
  const layers = Object.entries(content.files).map(([path, bytes]) => ({
    ...add(bytes, form.layer),
    annotations: form.path === '' ? {} : { [form.path]: path },
  }));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const { artifactType } = form;
  const base: FakeManifest = { schemaVersion: 2, mediaType, ...(artifactType && { artifactType }), config, layers };
  const told = lies.manifest?.(base, content) ?? base;
  const bytes = Buffer.isBuffer(told) ? told : Buffer.from(JSON.stringify(told));
  const manifest = add(bytes, mediaType);
  const all = [...new Map([config, ...layers].map((one) => [one.digest, one])).values()];
  return {
    kind: content.kind,
    name: content.name,
    manifest: { digest: manifest.digest, sizeBytes: manifest.size, mediaType, ...(artifactType && { artifactType }) },
    blobs: all.map(({ digest, size }) => ({ digest, sizeBytes: size })),
    totalBytes: manifest.size + all.reduce((sum, one) => sum + one.size, 0),
    isPublisherDigest: true,
    source: 'made by a test',
  };
}

/** What a configuration says: of an image, its platform and one layer for each file. */
function honestConfig({ kind, name, files }: FakeContent): string {
  const image = {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: Object.values(files).map((one) => `sha256:${digestOf(one)}`) },
  };
  return JSON.stringify(kind === 'image' ? { ...image, name } : { name });
}

const forms = {
  model: {
    artifactType: modelArtifactType,
    config: 'application/vnd.cncf.model.config.v1+json',
    layer: 'application/vnd.cncf.model.weight.v1.raw',
    path: 'org.cncf.model.filepath',
  },
  files: {
    artifactType: 'application/vnd.sealift.files.v1+json',
    config: 'application/vnd.oci.empty.v1+json',
    layer: 'application/octet-stream',
    path: 'org.opencontainers.image.title',
  },
  image: {
    artifactType: undefined,
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar',
    path: '',
  },
} as const;

/** Cuts big blobs and deals the pieces out in order: a piece goes to the next medium when the one before has its share. */
function dealOut(blobs: Map<string, Buffer>, count: number, partBytes: number): Map<string, Buffer>[] {
  const pieces: [string, Buffer][] = [];
  for (const [hex, bytes] of blobs) {
    const path = `sealift/layout/blobs/sha256/${hex}`;
    if (bytes.length <= partBytes) pieces.push([path, bytes]);
    else {
      for (let index = 0; index * partBytes < bytes.length; index += 1) {
        const part = bytes.subarray(index * partBytes, (index + 1) * partBytes);
        pieces.push([`${path}.${String(index).padStart(3, '0')}`, part]);
      }
    }
  }
  const total = pieces.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  const media = Array.from({ length: count }, () => new Map<string, Buffer>());
  let before = 0;
  for (const [path, bytes] of pieces) {
    media[Math.min(count - 1, Math.floor((before * count) / Math.max(total, 1)))]?.set(path, bytes);
    before += bytes.length;
  }
  return media;
}

function indexOf(contents: BundleContent[], files: Map<string, Buffer>, lie: Lies['index']): Buffer {
  const isHere = ({ digest }: { digest: string }) => files.has(`sealift/layout/blobs/sha256/${hexOf(digest)}`);
  const manifests = contents
    .filter((one) => [one.manifest, ...one.blobs].every(isHere))
    .map(({ name, manifest: { digest, sizeBytes, mediaType, artifactType } }) => ({
      mediaType,
      digest,
      size: sizeBytes,
      ...(artifactType && { artifactType }),
      annotations: { 'org.opencontainers.image.ref.name': name },
    }));
  const honest = { schemaVersion: 2, manifests };
  const told = lie?.(honest) ?? honest;
  return Buffer.isBuffer(told) ? told : Buffer.from(JSON.stringify(told));
}

function writeMedium(
  root: string,
  medium: { id: string; ordinal: number; files: Map<string, Buffer>; signer: Signer; lie: Lies['medium'] },
): HeadPayload['media'][number] {
  const label = `TEST-${medium.ordinal}`;
  const files = [...medium.files]
    .map(([path, bytes]) => ({ path, sizeBytes: bytes.length, sha256: digestOf(bytes), blocks: blocksOf(bytes) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const [path, bytes] of medium.files) writeAt(root, path, bytes);
  const payload: MediumPayload = {
    version: 1,
    bundle: medium.id,
    ordinal: medium.ordinal,
    label,
    created: new Date().toISOString(),
    files,
  };
  const text = signEnvelope(mediumPayloadType, canonicalJson(medium.lie?.(payload) ?? payload), medium.signer);
  writeAt(root, 'sealift/media.json', text);
  return {
    ordinal: medium.ordinal,
    label,
    mediumSha256: sha256(text),
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    files: files.length,
  };
}

function blocksOf(bytes: Buffer): string[] {
  return Array.from({ length: Math.ceil(bytes.length / blockBytes) }, (_, index) =>
    digestOf(bytes.subarray(index * blockBytes, (index + 1) * blockBytes)),
  );
}

/** Writes a file of a medium, folders included. */
export function writeAt(root: string, path: string, bytes: Buffer | string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
}
