import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { traceRequest } from '../../../src/main/core/probe/trace-request.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';

const id = 'sealift-1234';
let folder: string;
const paths = () => sitePaths(join(folder, 'sites'), 'plant');
const trace = (given: Parameters<typeof traceRequest>[2] = []) =>
  traceRequest(paths(), id, given, new AbortController().signal);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-trace-'));
  const { logs, secrets } = paths();
  for (const one of [logs, secrets, join(folder, 'gitlab-rails')]) await mkdir(one, { recursive: true });
  await writeFile(join(secrets, 'front-api-key'), 'plain-front-key-of-the-site-0123456789\n');
  const gateway = {
    timestamp: '2026-11-29T10:00:05Z',
    correlation_id: id,
    duration_s: 3,
    model_metadata: { api_key: 'quoted \\" key', endpoint: 'http://sealift-front:8000/v1' },
    headers: 'Authorization: Bearer abc.def-ghi',
    sent: 'plain-front-key-of-the-site-0123456789',
  };
  await writeFile(join(logs, 'gateway.log'), `${JSON.stringify(gateway)}\n`);
  await writeFile(
    join(logs, 'front.log'),
    ['03', '30'].map((second) => `{"time":"2026-11-29T10:00:${second}.000Z","requestId":"r${second}"}\n`).join(''),
  );
  const rails = `{"time":"2026-11-29T10:00:01Z","correlation_id":"${id}","token":"glpat-0123456789","message":"performing_request"}\n`;
  await writeFile(join(folder, 'gitlab-rails', 'llm.log'), rails);
  await writeFile(join(folder, 'gitlab-rails', 'notes.txt'), rails);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a trace', () => {
  it("joins the site's logs with a mounted folder of GitLab's and a pasted text", async () => {
    const pasted = `{"time":"2026-11-29T10:00:06Z","correlation_id":"${id}","message":"final_answer_received"}`;
    const { lines, sources } = await trace([{ path: join(folder, 'gitlab-rails') }, { text: pasted }]);
    expect(lines.map(({ source, by }) => [source, by])).toEqual([
      ['llm.log', 'id'],
      ['front', 'time'],
      ['gateway', 'id'],
      ['pasted', 'id'],
    ]);
    expect(sources.map((one) => one.source)).toEqual(['front', 'gateway', 'llm.log', 'pasted']);
  });

  it('shows no key or token, whatever field it is in', async () => {
    const text = JSON.stringify(await trace([{ path: join(folder, 'gitlab-rails', 'llm.log') }]));
    for (const secret of ['quoted', 'abc.def', 'plain-front-key', 'glpat-0123456789'])
      expect(text).not.toContain(secret);
    expect(text).toContain('http://sealift-front:8000/v1');
  });

  it('says which logs it read only in part, and how many it did not read', async () => {
    const many = join(folder, 'many');
    await mkdir(many);
    const names = Array.from({ length: 21 }, (_, at) => `${String(at).padStart(2, '0')}.log`);
    for (const name of names) await writeFile(join(many, name), `${id}\n`);
    const bounded = await trace([{ path: many }]);
    expect(bounded.unreadLogs).toBe(1);
    expect(bounded.sources.filter((one) => one.source === '19.log')).toEqual([{ source: '19.log', lineCount: 1 }]);

    // Files with holes: they take no space.
    for (const name of names) await truncate(join(many, name), 8 * 1024 * 1024 + 10);
    const { sources, unreadLogs, lines } = await trace([{ text: id }, { path: many }]);
    expect(unreadLogs).toBe(21 - 16);
    expect(sources.filter((one) => one.onlyEnd).map((one) => one.source)).toEqual(names.slice(0, 16));
    expect(lines.map((one) => one.source)).toContain('pasted');
  });

  it('counts the lines of a log, also those of other requests', async () => {
    const { sources, unreadLogs } = await trace([{ text: `one\r\n${id}\nthree\n` }]);
    expect(sources.find((one) => one.source === 'pasted')).toEqual({ source: 'pasted', lineCount: 3 });
    expect(unreadLogs).toBe(0);
  });

  it('names a log that cannot be read, and finds nothing of an unknown id', async () => {
    await expect(trace([{ path: join(folder, 'nowhere') }])).rejects.toMatchObject({ code: 'file.missing' });
    const none = await traceRequest(paths(), 'unknown-id', [], new AbortController().signal);
    expect(none).toMatchObject({ lines: [], sources: [{ source: 'front' }, { source: 'gateway' }] });
  });
});
