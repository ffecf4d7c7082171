import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** A package of a Debian repository. */
export interface DebianPackage {
  name: string;
  version: string;
  /** What must be installed with it, for `parseRelations`, like the next two: an index has far more relations than are needed. */
  depends: string;
  conflicts: string;
  provides: string;
  /** Every machine has it. */
  isBase: boolean;
  /** Address of the file, its size and its SHA-256 in hex. */
  url: string;
  sizeBytes: number;
  sha256: string;
}

/** The largest index, unpacked. Debian's has 50 MB. */
const maxUnpackedBytes = 512 * 1024 * 1024;
const maxPackages = 300_000;
const maxLineChars = 2 * 1024 * 1024;
const wanted =
  /^(Package|Version|Architecture|Depends|Pre-Depends|Conflicts|Breaks|Provides|Essential|Priority|Filename|Size|SHA256): *(.*)$/;

/** Yields the packages of an index for one architecture. Throws `Error` with the problem for an index that cannot be read. */
export async function* readPackages(
  bytes: Buffer,
  { compression, base, architecture }: { compression: 'gz' | 'xz' | 'none'; base: string; architecture: string },
): AsyncGenerator<DebianPackage> {
  let count = 0;
  for await (const fields of stanzas(unpacked(bytes, compression))) {
    if (![architecture, 'all'].includes(fields.get('Architecture') ?? '')) continue;
    const found = packageOf(fields, base);
    if (!found) continue;
    count += 1;
    if (count > maxPackages) throw new Error(`it has more than ${maxPackages} packages`);
    yield found;
  }
}

async function* stanzas(pieces: AsyncIterable<Buffer>): AsyncGenerator<Map<string, string>> {
  let fields = new Map<string, string>();
  let rest = '';
  let size = 0;
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    size += piece.length;
    if (size > maxUnpackedBytes) throw new Error(`it unpacks to more than ${maxUnpackedBytes} bytes`);
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineChars) throw new Error(`it has a line of more than ${maxLineChars} characters`);
    for (const line of lines) {
      const [, name = '', value = ''] = wanted.exec(line) ?? [];
      // A copy: a part of a text keeps all of it in memory.
      if (name) fields.set(name, Buffer.from(value).toString());
      if (line.trim() !== '' || fields.size === 0) continue;
      yield fields;
      fields = new Map();
    }
  }
  if (fields.size > 0) yield fields;
}

function packageOf(fields: Map<string, string>, base: string): DebianPackage | undefined {
  const field = (name: string) => fields.get(name)?.trim() ?? '';
  const [name, version, file, sha256] = ['Package', 'Version', 'Filename', 'SHA256'].map(field);
  const sizeBytes = Number(field('Size'));
  if (!name || !version || !file || !/^[0-9a-f]{64}$/.test(sha256 ?? '') || !Number.isSafeInteger(sizeBytes))
    return undefined;
  const url = URL.canParse(file, `${base}/`) ? new URL(file, `${base}/`).href : '';
  if (!url.startsWith(`${base}/`)) return undefined;
  const relations = (...names: string[]) => names.map(field).filter(Boolean).join(', ');
  return {
    name,
    version,
    depends: relations('Pre-Depends', 'Depends'),
    conflicts: relations('Conflicts', 'Breaks'),
    provides: relations('Provides'),
    isBase: field('Essential') === 'yes' || field('Priority') === 'required',
    url,
    sizeBytes,
    sha256: sha256 ?? '',
  };
}

function unpacked(bytes: Buffer, compression: 'gz' | 'xz' | 'none'): AsyncIterable<Buffer> {
  if (compression === 'none') return Readable.from([bytes]);
  if (compression === 'gz') return Readable.from([bytes]).pipe(createGunzip());
  return unpackedXz(bytes);
}

/** Node cannot read xz. */
async function* unpackedXz(bytes: Buffer): AsyncGenerator<Buffer> {
  const child = spawn('xz', ['--decompress', '--stdout'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', () => reject(new Error('this machine has no program xz to unpack it')));
    child.once('close', resolve);
  });
  ended.catch(() => undefined);
  child.stdin.on('error', () => undefined).end(bytes);
  try {
    for await (const piece of child.stdout) yield piece as Buffer;
    if ((await ended) !== 0) throw new Error('it is not a valid xz file');
  } finally {
    child.kill();
  }
}
