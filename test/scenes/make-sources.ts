import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { pack as tarPack } from 'tar-stream';
import { keyIdOf, type Signer } from '../../src/main/core/signing/dsse.ts';
import { hexOf } from '../../src/shared/digest.ts';

/** `sha256:` and the hex digits of some bytes. */
export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A new signing key. */
export function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicKeyDer = publicKey.export({ format: 'der', type: 'spki' });
  return { keyId: keyIdOf(publicKeyDer), privateKey, publicKeyDer };
}

/** A whole safetensors file with one tensor of random bytes. */
export function safetensors(tensorBytes: number, tensor = 'w'): Buffer {
  return Buffer.concat([safetensorsHeader(tensorBytes, tensor), randomBytes(tensorBytes)]);
}

/** The `config.json` of a small model that vLLM could serve. */
export const smallConfig = {
  num_hidden_layers: 4,
  hidden_size: 256,
  num_attention_heads: 8,
  vocab_size: 1000,
  intermediate_size: 512,
};

/** A `tokenizer.json` with the token by which Mistral's models call tools. */
export const smallTokenizer = '{"model":{"type":"BPE","vocab":{"a":0,"[TOOL_CALLS]":1},"merges":[]}}';

/** What a folder of safetensors needs so that an engine can load it. */
export const besideSafetensors = { 'config.json': JSON.stringify(smallConfig), 'tokenizer.json': smallTokenizer };

/** What stands before the bytes of the one tensor. */
export function safetensorsHeader(tensorBytes: number, tensor = 'w'): Buffer {
  const header = Buffer.from(
    JSON.stringify({ [tensor]: { dtype: 'U8', shape: [tensorBytes], data_offsets: [0, tensorBytes] } }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header]);
}

/** A whole zip file, as PyTorch writes its weights: one entry, not compressed. */
export function pytorchArchive(data: Buffer): Buffer {
  const name = Buffer.from('archive/data/0');
  const u16 = (...values: number[]) => Buffer.from(new Uint16Array(values).buffer);
  const u32 = (...values: number[]) => Buffer.from(new Uint32Array(values).buffer);
  const sizes = [u32(crc32(data), data.length, data.length), u16(name.length, 0)];
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), u16(10, 0, 0, 0, 0x21), ...sizes, name]);
  const place = [u16(0, 0, 0), u32(0, 0), name];
  const central = Buffer.concat([Buffer.from('PK\x01\x02'), u16(10, 10, 0, 0, 0, 0x21), ...sizes, ...place]);
  const end = [u16(0, 0, 1, 1), u32(central.length, local.length + data.length), u16(0)];
  return Buffer.concat([local, data, central, Buffer.from('PK\x05\x06'), ...end]);
}

/** Bytes of up to 65,791 in a zstd frame of one raw block (RFC 8878, section 3.1.1), with which every Node can write one. */
export function zstdFrame(bytes: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt32LE(0xfd2fb528, 0);
  // A single segment, its size in two bytes.
  head.writeUInt8(0x60, 4);
  head.writeUInt16LE(bytes.length - 256, 5);
  head.writeUIntLE((bytes.length << 3) | 1, 7, 3);
  return Buffer.concat([head, bytes]);
}

/** A zstd frame that decoders skip, as parallel and seekable compressors write them before, between and behind others. */
export function skippableFrame(sizeBytes: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50, 0);
  head.writeUInt32LE(sizeBytes, 4);
  return Buffer.concat([head, randomBytes(sizeBytes)]);
}

/** A whole GGUF file (version 3): one F32 tensor of this many elements, with an alignment of 64. */
export function gguf(elements: number): Buffer {
  const u32 = (value: number) => Buffer.from(new Uint32Array([value]).buffer);
  const u64 = (value: number) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer);
  const text = (value: string) => Buffer.concat([u64(value.length), Buffer.from(value)]);
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    ...[u32(3), u64(1), u64(3)],
    ...[text('general.name'), u32(8), text('tiny')],
    ...[text('general.alignment'), u32(4), u32(64)],
    ...[text('tokenizer.ggml.tokens'), u32(9), u32(8), u64(2), text('a'), text('bc')],
    ...[text('w'), u32(1), u64(elements), u32(0), u64(0)],
  ]);
  const start = Math.ceil(header.length / 64) * 64;
  return Buffer.concat([header, Buffer.alloc(start - header.length), randomBytes(elements * 4)]);
}

/** Writes files below a folder, which is made; the answer is the folder. */
export async function writeTree(folder: string, files: Record<string, Buffer | string>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** An image for tests: bytes of its configuration, layers and manifest. */
export interface TestImage {
  config: Buffer;
  layers: Buffer[];
  manifest: Buffer;
}

/** Makes an image whose layers are random bytes that pass for tars. */
export function testImage(layerBytes: number[], platform = { os: 'linux', architecture: 'amd64' }): TestImage {
  const layers = layerBytes.map((length) => randomBytes(length));
  for (const layer of layers) layer.fill(0, 0, 4);
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer)) };
  const config = Buffer.from(JSON.stringify({ ...platform, rootfs }));
  const type = 'application/vnd.oci.image';
  // Spaces and the order of the fields must survive: this manifest is not written as Sealift would.
  const manifest = {
    schemaVersion: 2,
    mediaType: `${type}.manifest.v1+json`,
    config: { mediaType: `${type}.config.v1+json`, digest: digestOf(config), size: config.length },
    layers: layers.map((layer) => ({ mediaType: `${type}.layer.v1.tar`, digest: digestOf(layer), size: layer.length })),
  };
  return { config, layers, manifest: Buffer.from(JSON.stringify(manifest, null, 3)) };
}

/** The files of an OCI layout that holds these images, each under its name, behind one nested index when platforms are given. */
export function ociLayout(
  images: { name?: string; image: TestImage; platform?: { os: string; architecture: string } }[],
  options: { nested?: boolean } = {},
): Record<string, Buffer> {
  const files: Record<string, Buffer> = { 'oci-layout': Buffer.from('{"imageLayoutVersion":"1.0.0"}') };
  const add = (bytes: Buffer) => {
    files[`blobs/${digestOf(bytes).replace(':', '/')}`] = bytes;
  };
  const descriptors = images.map(({ name, image, platform }) => {
    for (const bytes of [image.config, ...image.layers, image.manifest]) add(bytes);
    return {
      mediaType: JSON.parse(String(image.manifest)).mediaType ?? 'application/vnd.oci.image.manifest.v1+json',
      digest: digestOf(image.manifest),
      size: image.manifest.length,
      ...(platform && { platform }),
      ...(name && { annotations: { 'org.opencontainers.image.ref.name': name } }),
    };
  });
  const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: descriptors }));
  if (!options.nested) return { ...files, 'index.json': index };
  add(index);
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const top = { schemaVersion: 2, manifests: [{ mediaType, digest: digestOf(index), size: index.length }] };
  return { ...files, 'index.json': Buffer.from(JSON.stringify(top)) };
}

/** The files of a classic `docker save` archive. */
export function dockerArchive(image: TestImage, tags: string[]): Record<string, Buffer> {
  const layers = image.layers.map((layer, index) => [`layer${index}/layer.tar`, layer] as const);
  const config = `${hexOf(digestOf(image.config))}.json`;
  const manifest = [{ Config: config, RepoTags: tags, Layers: layers.map(([name]) => name) }];
  return {
    ...Object.fromEntries(layers),
    [config]: image.config,
    'manifest.json': Buffer.from(JSON.stringify(manifest)),
  };
}

/** Writes files as a tar. `links`: name to target, as symbolic links. */
export async function writeTar(
  path: string,
  files: Record<string, Buffer>,
  links: Record<string, string> = {},
): Promise<void> {
  const tar = tarPack();
  const writing = pipeline(tar, createWriteStream(path));
  for (const [name, bytes] of Object.entries(files)) tar.entry({ name }, bytes);
  for (const [name, linkname] of Object.entries(links)) tar.entry({ name, type: 'symlink', linkname });
  tar.finalize();
  await writing;
}
