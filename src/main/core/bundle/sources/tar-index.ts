import { type FileHandle, open } from 'node:fs/promises';
import { posix } from 'node:path';
import { appError } from '../../../../shared/errors/app-error.ts';
import { closeFile } from '../../files/close-file.ts';
import type { ByteRange } from '../../files/source-folder.ts';

const recordBytes = 512;
const maxEntries = 200_000;
const maxExtensionBytes = 1024 * 1024;

/** Finds where each file of a tar is by its headers alone: contents are skipped. Throws `pack.not-an-image`. */
export async function indexTar(path: string): Promise<Map<string, ByteRange>> {
  const handle = await open(path, 'r');
  try {
    const stats = await handle.stat({ bigint: true });
    return await readHeaders({
      handle,
      path,
      fileSizeBytes: Number(stats.size),
      fileMtimeMs: Number(stats.mtimeNs) / 1e6,
    });
  } finally {
    await closeFile(handle);
  }
}

interface Tar {
  handle: FileHandle;
  path: string;
  fileSizeBytes: number;
  fileMtimeMs: number;
}

interface Header {
  name: string;
  sizeBytes: number;
  type: string;
  linkName: string;
}

async function readHeaders(tar: Tar): Promise<Map<string, ByteRange>> {
  const found = new Map<string, ByteRange>();
  const links: { name: string; to: string }[] = [];
  let extended: Partial<Header> = {};
  if (tar.fileSizeBytes < recordBytes) throw refuse(tar, firstBytesReason(await readStart(tar)));
  let position = 0;
  for (let entries = 0; position + recordBytes <= tar.fileSizeBytes; entries += 1) {
    if (entries > maxEntries) throw refuse(tar, `it has more than ${maxEntries} entries`);
    const record = await read(tar, position, recordBytes);
    if (record.every((byte) => byte === 0)) break;
    const header = { ...parseHeader(tar, record, position), ...extended };
    const dataAt = position + recordBytes;
    position = dataAt + Math.ceil(header.sizeBytes / recordBytes) * recordBytes;
    if (dataAt + header.sizeBytes > tar.fileSizeBytes) throw refuse(tar, `it is cut off within ${header.name}`);
    if ('xLKg'.includes(header.type)) {
      if (header.type !== 'g') extended = { ...extended, ...(await readExtension(tar, header, dataAt)) };
      continue;
    }
    extended = {};
    const name = cleanName(header.name);
    const { path, fileSizeBytes, fileMtimeMs } = tar;
    if (header.type === '0') {
      found.set(name, { path, offsetBytes: dataAt, sizeBytes: header.sizeBytes, fileSizeBytes, fileMtimeMs });
    } else if (header.type === '1') links.push({ name, to: cleanName(header.linkName) });
    else if (header.type === '2') links.push({ name, to: posix.join(posix.dirname(name), header.linkName) });
  }
  for (const { name, to } of links) {
    const range = found.get(to);
    if (range) found.set(name, range);
  }
  return found;
}

async function read(tar: Tar, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await tar.handle.read(buffer, 0, length, at);
  if (bytesRead !== length) throw refuse(tar, 'it is cut off');
  return buffer;
}

async function readStart(tar: Tar): Promise<Buffer> {
  const start = Buffer.alloc(recordBytes);
  await tar.handle.read(start, 0, recordBytes, 0);
  return start;
}

function parseHeader(tar: Tar, record: Buffer, position: number): Header {
  const sum = record.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (sum !== number(record, 148, 8)) {
    throw refuse(tar, position === 0 ? firstBytesReason(record) : `its entry at byte ${position} is damaged`);
  }
  const prefix = text(record, 257, 5) === 'ustar' && record[262] === 0 ? text(record, 345, 155) : '';
  const type = String.fromCharCode(record[156] ?? 0);
  return {
    name: prefix ? `${prefix}/${text(record, 0, 100)}` : text(record, 0, 100),
    // Links and folders may state a size although nothing follows.
    sizeBytes: '123456'.includes(type) ? 0 : size(tar, number(record, 124, 12)),
    type: type === '\0' || type === '7' ? '0' : type,
    linkName: text(record, 157, 100),
  };
}

/** GNU long names (`L`, `K`) and pax records (`x`) describe the entry that follows. */
async function readExtension(tar: Tar, header: Header, at: number): Promise<Partial<Header>> {
  if (header.sizeBytes > maxExtensionBytes) throw refuse(tar, 'a name in it is longer than 1 MiB');
  const bytes = await read(tar, at, header.sizeBytes);
  if (header.type === 'L') return { name: text(bytes, 0, bytes.length) };
  if (header.type === 'K') return { linkName: text(bytes, 0, bytes.length) };
  const records: Partial<Header> = {};
  for (let from = 0; from < bytes.length; ) {
    const space = bytes.indexOf(32, from);
    const length = Number(bytes.toString('latin1', from, space));
    if (space < 0 || !Number.isInteger(length) || length <= 0) throw refuse(tar, 'a pax record in it is damaged');
    const [key, value] = split(bytes.toString('utf8', space + 1, from + length - 1));
    if (key === 'path') records.name = value;
    else if (key === 'linkpath') records.linkName = value;
    else if (key === 'size') records.sizeBytes = size(tar, Number(/^\d+$/.test(value) ? value : Number.NaN));
    from += length;
  }
  return records;
}

function split(record: string): [string, string] {
  const at = record.indexOf('=');
  return [record.slice(0, at), record.slice(at + 1)];
}

function text(bytes: Buffer, from: number, length: number): string {
  const end = bytes.indexOf(0, from);
  return bytes.toString('utf8', from, end < 0 ? from + length : Math.min(end, from + length));
}

function size(tar: Tar, bytes: number): number {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw refuse(tar, 'a size in it is damaged');
  return bytes;
}

/** Octal digits, or base 256 when the first bit is set (files of 8 GiB and more). */
function number(record: Buffer, from: number, length: number): number {
  if (((record[from] ?? 0) & 0x80) === 0) return Number.parseInt(text(record, from, length).trim() || '0', 8);
  return Number(BigInt(`0x${record.toString('hex', from + length - 8, from + length)}`));
}

function firstBytesReason(record: Buffer): string {
  if (record[0] === 0x1f && record[1] === 0x8b) return 'it is compressed with gzip; decompress it first with gunzip';
  if (record.readUInt32LE() === 0xfd2fb528) return 'it is compressed with zstd; decompress it first with unzstd';
  if (record.toString('latin1', 0, 6) === '\xfd7zXZ\0')
    return 'it is compressed with xz; decompress it first with unxz';
  return 'it is neither an OCI layout folder nor a tar archive';
}

function cleanName(name: string): string {
  return posix.normalize(name).replace(/^(\.\/)+/, '');
}

function refuse(tar: Tar, reason: string): Error {
  return appError('pack.not-an-image', { path: tar.path, reason });
}
