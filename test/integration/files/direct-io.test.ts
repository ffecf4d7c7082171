import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectWriter, pageAligned } from '../../../src/main/core/files/direct-io.ts';
import { missing } from '../../needs.ts';
import { lacksStick, SmallStick } from '../../scenes/small-stick.ts';
import { sha256, someBytes } from '../../scenes/write-media.ts';

const mebibyte = 1024 * 1024;
const blockBytes = 16 * mebibyte;
const memory = pageAligned(blockBytes + 65_536);
const random = someBytes(memory.length, 'direct');
random.copy(memory);
const noMounts = missing('mounting, as root,', () => process.getuid?.() === 0);

let folder = '';
const undo: (() => void)[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-direct-'));
});
afterAll(async () => {
  for (const one of undo.reverse()) one();
  await rm(folder, { recursive: true, force: true });
});

/** The filesystems that can be made here, and whether pages are written directly: newer kernels say yes for memory, older ones no. */
const filesystems = [
  { name: 'ext4', isDirect: true, lacks: lacksStick('ext4'), make: () => stick('ext4') },
  { name: 'a temporary filesystem in memory', isDirect: undefined, lacks: noMounts, make: tmpfs },
  {
    name: 'exFAT with a driver in user space',
    isDirect: false,
    lacks: lacksStick('exFAT'),
    make: () => stick('exFAT'),
  },
];

function stick(kind: 'ext4' | 'exFAT'): string {
  const made = SmallStick.insert(kind, join(folder, kind), 64 * mebibyte);
  undo.push(() => made.remove());
  return made.folder;
}

function tmpfs(): string {
  const at = join(folder, 'tmpfs');
  mkdirSync(at);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'sealift-test', at]);
  undo.push(() => spawnSync('umount', [at]));
  return at;
}

async function withFile<R>(path: string, act: (file: FileHandle, out: DirectWriter) => Promise<R>): Promise<R> {
  const file = await open(path, 'wx+');
  const out = new DirectWriter(file);
  try {
    return await act(file, out);
  } finally {
    await out.close();
    await file.close();
    await rm(path);
  }
}

/** Whether one of this process's descriptors of a file is a direct one. */
function isOpenDirectly(path: string): boolean {
  const ofFile = readdirSync('/proc/self/fd').filter((fd) => linkOf(fd) === path);
  const flagsOf = (fd: string) => /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0';
  return ofFile.some((fd) => (Number.parseInt(flagsOf(fd), 8) & 0o40000) !== 0);
}

function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}

describe.each(filesystems.filter((one) => !one.lacks))('writing on $name', ({ isDirect, make }) => {
  let path = '';
  beforeAll(() => {
    path = join(make(), 'file');
  });

  const sizes = [0, 1, 4095, 4096, 4097, blockBytes - 1, blockBytes, blockBytes + 1];
  it.each(sizes.flatMap((size) => [0, 4096, 1, 70_001].map((position) => ({ size, position }))))(
    'writes $size bytes at $position',
    async ({ size, position }) => {
      await withFile(path, async (file, out) => {
        await out.write(memory.subarray(0, size), position);
        await file.datasync();
        const read = readFileSync(path);
        expect(read.length).toBe(size === 0 ? 0 : position + size);
        expect(sha256(read.subarray(position))).toBe(sha256(random.subarray(0, size)));
        const hasPages = size >= 4096 && position % 4096 === 0;
        if (isDirect !== undefined) expect(isOpenDirectly(path)).toBe(isDirect && hasPages);
      });
    },
  );

  it('shows each write to whoever reads the file through the cache, whichever way it and those before went', async () => {
    await withFile(path, async (file, out) => {
      const expected = Buffer.alloc(8 * 4096 + 77);
      const spans = [
        [0, 8 * 4096 + 77],
        [2 * 4096, 4096],
        [2 * 4096 + 100, 5000],
        [0, 4 * 4096 + 1],
        [3 * 4096, 5 * 4096],
        [8 * 4096, 77],
      ] as const;
      for (const [at, [position, length]] of spans.entries()) {
        const data = memory.subarray(at * 65_536, at * 65_536 + length);
        await out.write(data, position);
        data.copy(expected, position);
        const seen = Buffer.alloc(expected.length);
        await file.read(seen, 0, seen.length, 0);
        expect(sha256(seen)).toBe(sha256(expected));
      }
    });
  });

  it('continues through the cache for good when a direct write is refused', async () => {
    await withFile(path, async (_, out) => {
      await out.write(memory.subarray(0, mebibyte), 0);
      if (isDirect) expect(isOpenDirectly(path)).toBe(true);
      // ext4 refuses memory like this, which starts at no page.
      await out.write(Buffer.from(new Uint8Array(random.subarray(mebibyte, 2 * mebibyte)).buffer), mebibyte);
      if (isDirect) expect(isOpenDirectly(path)).toBe(false);
      await out.write(memory.subarray(2 * mebibyte, 3 * mebibyte), 2 * mebibyte);
      if (isDirect) expect(isOpenDirectly(path)).toBe(false);
      expect(sha256(readFileSync(path))).toBe(sha256(random.subarray(0, 3 * mebibyte)));
    });
  });
});

it.skipIf(lacksStick('ext4'))('throws what a full disk answers', async () => {
  const made = SmallStick.insert('ext4', join(folder, 'full'), 8 * mebibyte);
  undo.push(() => made.remove());
  await withFile(join(made.folder, 'file'), async (_, out) => {
    await expect(out.write(memory.subarray(0, blockBytes), 0)).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});
