import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readChart } from '../../../src/main/core/kubernetes/read-chart.ts';

vi.setConfig({ testTimeout: 120_000 });
const mebibyte = 1024 * 1024;
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-chart-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** One header of a tar, as a writer that lies would write it. */
function header(type: string, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write('chart/x');
  bytes.write('0000644', 100);
  bytes.write(sizeBytes.toString(8).padStart(11, '0'), 124);
  bytes.write(' '.repeat(8), 148);
  bytes.write(type, 156);
  bytes.write('ustar\0' + '00', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** Compresses `first` and then `piece` so many times; the whole is never in memory. */
async function repeated(first: Buffer, piece: Buffer, times: number): Promise<Buffer> {
  const gzip = createGzip({ level: 1 });
  const out = (async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of gzip) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  })();
  gzip.write(first);
  for (let at = 0; at < times; at += 1) if (!gzip.write(piece)) await new Promise((done) => gzip.once('drain', done));
  gzip.end();
  return out;
}

async function chartOf(files: Record<string, string>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name: `chart/${name}` }, text);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return gzipSync(Buffer.concat(chunks), { level: 1 });
}

const about = 'name: ai-gateway\nversion: 1.0.0\n';
const rows: [what: string, problem: string, chart: () => Promise<Buffer>][] = [
  ['a name of 512 MiB', 'exceeds max size', () => repeated(header('x', 512 * mebibyte), Buffer.alloc(mebibyte), 512)],
  [
    '400,000 empty files',
    'too large',
    () => repeated(Buffer.alloc(0), Buffer.concat(Array(2000).fill(header('0', 0))), 200),
  ],
  ['512 MiB in one file', 'too large', () => repeated(header('0', 512 * mebibyte), Buffer.alloc(mebibyte), 512)],
  ['30 MiB of brackets as Chart.yaml', 'Chart.yaml', () => chartOf({ 'Chart.yaml': '['.repeat(30 * mebibyte) })],
  [
    '30 MiB of brackets as values.yaml',
    'values.yaml',
    () => chartOf({ 'Chart.yaml': about, 'values.yaml': '['.repeat(30 * mebibyte) }),
  ],
  [
    '30 MiB of faults as values.yaml',
    'values.yaml',
    () => chartOf({ 'Chart.yaml': about, 'values.yaml': ']'.repeat(30 * mebibyte) }),
  ],
];

describe('a chart of at most 4 MiB that a stranger made', () => {
  it.each(rows)('is refused within 200 MB: %s', async (_what, problem, chart) => {
    const path = join(folder, 'chart.tgz');
    await writeFile(path, await chart());
    const before = process.resourceUsage().maxRSS;
    await expect(readChart(path)).rejects.toMatchObject({
      code: 'kubernetes.unreadable-chart',
      message: expect.stringContaining(problem),
    });
    expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(200);
  });
});
