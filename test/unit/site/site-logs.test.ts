import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { siteLogs } from '../../../src/main/core/site/status/site-logs.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';

describe('the logs of a site', () => {
  let sites: string;
  let log: string;
  const stop = new AbortController();
  beforeEach(async () => {
    sites = await mkdtemp(join(tmpdir(), 'sealift-logs-'));
    log = join(sites, 'plant', 'logs', 'front.log');
    await mkdir(join(sites, 'plant', 'logs'), { recursive: true });
  });
  afterEach(async () => {
    await rm(sites, { recursive: true });
  });

  const read = async (tail = 100) => {
    const lines: string[] = [];
    for await (const { line } of siteLogs(sitePaths(sites, 'plant'), { follow: false, tail }, stop.signal))
      lines.push(line);
    return lines;
  };

  /** Follows the logs; `next` waits for one more line. */
  const follow = (tail = 0) => {
    const over = new AbortController();
    const lines = siteLogs(sitePaths(sites, 'plant'), { follow: true, tail }, over.signal);
    return {
      next: async () => ((await lines.next()).value as { line: string }).line,
      end: async () => {
        over.abort();
        await lines.return(undefined);
      },
    };
  };

  it('yield the last lines, even an unfinished one', async () => {
    await writeFile(log, 'one\ntwo\nthree\nhalf');
    expect(await read()).toEqual(['one', 'two', 'three', 'half']);
    expect(await read(2)).toEqual(['three', 'half']);
    expect(await read(0)).toEqual([]);
    await writeFile(log, '');
    expect(await read()).toEqual([]);
  });

  it('yield the other logs when one was rotated after the listing', async () => {
    await symlink('gone', join(sites, 'plant', 'logs', 'gateway.log'));
    await writeFile(log, 'one\n');
    expect(await read()).toEqual(['one']);
  });

  it('cut a line that is too long and read only the end of a large log', async () => {
    await writeFile(log, `${'a'.repeat(2 * 1024 * 1024)}\n${'b'.repeat(20_000)}\nend\n`);
    const lines = await read(2);
    expect(lines.map((line) => line.length)).toEqual([16_000, 3]);
  });

  it('contain nothing that a terminal would obey', async () => {
    await writeFile(log, '\x1b[2J\x1b]0;owned\x07\tred\x1b[31m\u009b1m\r\u202eabc\u2028\x00\r\nnext\n');
    const lines = await read();
    expect(lines.at(-1)).toBe('next');
    expect(lines[0]).toBe('\\u{1b}[2J\\u{1b}]0;owned\\u{7}\tred\\u{1b}[31m\\u{9b}1m\\u{d}\\u{202e}abc\\u{2028}\\u{0}');
  });

  it('follow bytes that are not UTF-8 without losing or repeating lines', async () => {
    await writeFile(log, 'first\n');
    const followed = follow(1);
    expect(await followed.next()).toBe('first');
    await appendFile(log, Buffer.from([0xff, 0xfe, 0x80, 0x0a]));
    expect(await followed.next()).toBe('\ufffd\ufffd\ufffd');
    await appendFile(log, 'second\n');
    expect(await followed.next()).toBe('second');
    await followed.end();
  });

  it('follow a character that arrives in two pieces', async () => {
    await writeFile(log, 'first\n');
    const followed = follow(1);
    await followed.next();
    const bytes = Buffer.from('größe\n');
    await appendFile(log, bytes.subarray(0, 3));
    // Each look reads the logs by name, so whoever shows a line of the later log has looked at the earlier one.
    const later = join(sites, 'plant', 'logs', 'model.log');
    for (const text of ['one', 'two']) {
      await appendFile(later, `${text}\n`);
      expect(await followed.next()).toBe(text);
    }
    await appendFile(log, bytes.subarray(3));
    expect(await followed.next()).toBe('größe');
    await followed.end();
  });

  it('follow a rotated log and one that appears later', async () => {
    await writeFile(log, 'a long first line\n');
    const followed = follow(1);
    expect(await followed.next()).toBe('a long first line');
    await writeFile(log, 'new\n');
    expect(await followed.next()).toBe('new');
    await writeFile(join(sites, 'plant', 'logs', 'model.log'), 'late\n');
    expect(await followed.next()).toBe('late');
    await followed.end();
  });
});
