import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JobRunner } from '../../../src/main/core/jobs/job-runner.ts';
import { Journal } from '../../../src/main/core/jobs/journal.ts';
import { PastJobs } from '../../../src/main/core/jobs/past-jobs.ts';
import type { Work } from '../../../src/main/core/work.ts';
import { appError } from '../../../src/shared/errors/app-error.ts';
import { isEnded, type JobChange, type JobEvent, jobSnapshot, reduceJob } from '../../../src/shared/jobs.ts';
import { progressText } from '../../../src/shared/progress-text.ts';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const never = new AbortController().signal;
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-jobs-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  return rm(folder, { recursive: true, force: true });
});

const newRunner = (journal?: Journal) =>
  new JobRunner({ log, now: () => new Date(), past: new PastJobs(folder), ...(journal && { journal }) });

const titled = (title: string) => ({ title, resumes: false });

async function eventsOf(runner: JobRunner, jobId: string, afterSeq = 0): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of runner.watch(jobId, afterSeq, never)) events.push(event);
  return events;
}

function startOf(jobId: string, at: string): JobEvent {
  return { type: 'started', jobId, seq: 1, at, kind: 'test', title: 'Test' };
}

function endOf(jobId: string, at: string): JobEvent {
  return { type: 'finished', jobId, seq: 2, at, result: null };
}

describe('jobs', () => {
  it('report steps, the last progress and the result, in order', async () => {
    const runner = newRunner();
    const { jobId } = runner.start('test', titled('Test'), async (work) => {
      work.step('one', 'First');
      for (let done = 1; done <= 1000; done += 1) work.progress({ done, total: 1000, unit: 'items' });
      work.step('two', 'Second');
      return { fine: true };
    });
    const events = await eventsOf(runner, jobId);
    expect(events.map((event) => event.seq)).toEqual([...events.map((event) => event.seq)].sort((a, b) => a - b));
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.length).toBeLessThan(10);
    expect(progress.at(-1)).toMatchObject({ progress: { done: 1000 } });
    const end = events.reduce<ReturnType<typeof reduceJob> | undefined>(reduceJob, undefined);
    expect(end).toMatchObject({
      state: 'succeeded',
      result: { fine: true },
      steps: [{ state: 'done' }, { state: 'done' }],
    });
    expect(jobSnapshot.parse(end)).toBeTruthy();
  });

  it('refuse a second one of an exclusive kind and subject, until the first has ended', async () => {
    const runner = newRunner();
    const alone = { ...titled('Alone'), isExclusive: true } as const;
    const forever = (work: Work) => once(work.signal, 'abort');
    const first = runner.start('test', alone, forever, 'lab');
    expect(() => runner.start('test', alone, forever, 'lab')).toThrow(
      expect.objectContaining({ wire: expect.objectContaining({ code: 'job.running' }) }),
    );
    const others = [
      runner.start('test', alone, forever, 'other'),
      runner.start('other', alone, forever, 'lab'),
      runner.start('shared', titled('Shared'), forever, 'lab'),
      runner.start('shared', titled('Shared'), forever, 'lab'),
    ];
    expect(await runner.list()).toHaveLength(1 + others.length);
    await runner.cancel(first.jobId);
    runner.start('test', alone, forever, 'lab');
    await runner.close();
  });

  it('keep what the work reported about a step that failed', async () => {
    const runner = newRunner();
    const { jobId } = runner.start('test', titled('Test'), async (work) => {
      for (const id of ['good', 'skipped', 'failed'] as const) {
        work.step(id, id);
        if (id !== 'good') work.endStep(id);
      }
    });
    await eventsOf(runner, jobId);
    const [job] = await runner.list();
    expect(job).toMatchObject({ state: 'succeeded' });
    expect(job?.steps.map((step) => step.state)).toEqual(['done', 'skipped', 'failed']);
    expect(jobSnapshot.parse(job)).toEqual(job);
  });

  it.each([1, 2, 3])('can be cancelled in step %i, and say so', async (at) => {
    const runner = newRunner();
    const { jobId } = runner.start('test', titled('Test'), async (work) => {
      for (const step of [1, 2, 3]) {
        work.step(String(step), `Step ${step}`);
        if (step === at) await sleep(60_000, undefined, { signal: work.signal });
      }
    });
    await runner.cancel(jobId);
    const last = (await eventsOf(runner, jobId)).at(-1);
    expect(last?.type).toBe('cancelled');
    await runner.cancel(jobId);
  });

  it('keep a known error and hide an unknown one', async () => {
    const runner = newRunner();
    const known = runner.start('test', titled('Test'), async () => {
      throw appError('file.missing', { path: '/x', what: 'It' });
    });
    const unknown = runner.start('test', titled('Test'), async () => {
      throw new Error('inner secret');
    });
    expect((await eventsOf(runner, known.jobId)).at(-1)).toMatchObject({
      type: 'failed',
      error: { code: 'file.missing' },
    });
    expect(JSON.stringify(await eventsOf(runner, unknown.jobId))).not.toContain('inner secret');
  });

  it('continue for a watcher who returns with the last number seen', async () => {
    const runner = newRunner();
    const { jobId } = runner.start('test', titled('Test'), async (work) => {
      for (let n = 0; n < 5; n += 1) work.log(`line ${n}`);
    });
    const all = await eventsOf(runner, jobId);
    const later = await eventsOf(runner, jobId, all[2]?.seq ?? 0);
    expect(later).toEqual(all.slice(3));
  });

  it.each([-3_600_000, 3_600_000])('measure their rate although the clock is set by %i ms meanwhile', async (setMs) => {
    let setBy = 0;
    let tickMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => tickMs);
    const runner = new JobRunner({ log, now: () => new Date(Date.now() + setBy) });
    const { jobId } = runner.start('test', titled('Test'), async (work) => {
      work.step('one', 'One');
      setBy = setMs;
      tickMs = 1100;
      work.progress({ done: 1100, total: 2200, unit: 'items' });
    });
    await eventsOf(runner, jobId);
    const [job] = await runner.list();
    expect(job?.rate).toBeCloseTo(1000);
    expect(Date.parse(job?.endedAt ?? '') - Date.parse(job?.startedAt ?? '')).toBeLessThan(60_000);
  });

  it('end as interrupted when their process died, and a torn line loses nothing else', async () => {
    const journal = await Journal.open(folder, new Date());
    const runner = newRunner(journal);
    const { jobId } = runner.start('test', titled('Test'), async () => null);
    await eventsOf(runner, jobId);
    await journal.close();
    const path = join(folder, `${jobId}.jsonl`);
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    await writeFile(path, `${lines[0]}\n${lines[1]?.slice(0, 10) ?? '{"ty'}`);
    const reopened = await Journal.open(folder, new Date());
    await reopened.close();
    expect(await new PastJobs(folder).list()).toMatchObject([{ id: jobId, title: 'Test', state: 'interrupted' }]);
  });

  it('keep how far they came when they are stopped', async () => {
    const journal = await Journal.open(folder, new Date());
    const runner = newRunner(journal);
    const { jobId } = runner.start('test', titled('Test'), async (work) => {
      work.step('one', 'One');
      for (const done of [0, 40]) work.progress({ done, total: 100, unit: 'items' });
      await sleep(60_000, undefined, { signal: work.signal });
    });
    await expect.poll(async () => (await runner.list())[0]?.progress?.done).toBe(40);
    await runner.cancel(jobId);
    await eventsOf(runner, jobId);
    await journal.close();
    const [job] = await new PastJobs(folder).list();
    expect(job).toMatchObject({ state: 'cancelled', progress: { done: 40 } });
    expect(job && progressText(job)).toBe('40 % · 40 of 100');
  });

  it('are forgotten, oldest first, when a hundred have ended; the journal keeps them', async () => {
    const journal = await Journal.open(folder, new Date());
    const runner = newRunner(journal);
    const first = runner.start('test', titled('First'), async () => null);
    await eventsOf(runner, first.jobId);
    for (let n = 0; n < 100; n += 1)
      await eventsOf(runner, runner.start('test', titled(`Job ${n}`), async () => null).jobId);
    await expect(eventsOf(runner, first.jobId)).rejects.toMatchObject({ code: 'job.unknown' });
    const kept = async () => (await runner.list()).filter((job) => job.id === first.jobId).length;
    await expect.poll(kept).toBe(1);
    await runner.close();
  });

  it('of the past are read again only where a journal has grown', async () => {
    const past = new PastJobs(folder);
    const journal = await Journal.open(folder, new Date());
    const { jobId } = newRunner(journal).start('test', titled('Test'), () => new Promise(() => undefined));
    await journal.close();
    const path = join(folder, `${jobId}.jsonl`);
    const [first] = await past.list();
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('Test', 'Rest'));
    expect((await past.list())[0]).toBe(first);
    await writeFile(path, `${text.replace('Test', 'Rest')}\n`);
    expect(await past.list()).toMatchObject([{ id: jobId, title: 'Rest' }]);
    await rm(path);
    expect(await past.list()).toEqual([]);
  });

  it('of the past stay when one of a hundred and one journals names another file', async () => {
    const inner = join(folder, 'jobs');
    await mkdir(inner);
    await writeFile(join(folder, 'victim.jsonl'), 'precious');
    const write = (name: string, id: string, at: string) =>
      writeFile(join(inner, `${name}.jsonl`), `${JSON.stringify(startOf(id, at))}\n${JSON.stringify(endOf(id, at))}\n`);
    const ids = Array.from({ length: 101 }, () => randomUUID());
    for (const [n, id] of ids.entries()) await write(id, id, new Date(Date.UTC(2026, 0, 2, 0, n)).toISOString());
    const foreign = [randomUUID(), 'notes'];
    for (const name of foreign) await write(name, '../victim', '2026-01-01T00:00:00.000Z');
    await (await Journal.open(inner, new Date())).close();
    expect(await readFile(join(folder, 'victim.jsonl'), 'utf8')).toBe('precious');
    const names = (await readdir(inner)).map((name) => name.replace('.jsonl', ''));
    expect(names.sort()).toEqual([...ids.slice(1), ...foreign].sort());
    expect((await new PastJobs(inner).list()).map((job) => job.id).sort()).toEqual(ids.slice(1).sort());
  });

  it.each<[string, number, (path: string) => Promise<unknown>]>([
    ['a folder', 1, (path) => mkdir(path)],
    ['a named pipe', 1, async (path) => execFileSync('mkfifo', [path])],
    ['one that is gone when it is opened', 0, (path) => symlink('nowhere', path)],
    [
      'a file beyond all measure',
      1,
      async (path) => {
        await writeFile(path, '');
        await truncate(path, 2 ** 40);
      },
    ],
  ])('of the past are listed without %s among them, which is logged %i time(s)', async (_name, logged, make) => {
    const id = randomUUID();
    await writeFile(join(folder, `${id}.jsonl`), JSON.stringify(startOf(id, '2026-01-01T00:00:00.000Z')));
    await make(join(folder, `${randomUUID()}.jsonl`));
    await (await Journal.open(folder, new Date())).close();
    const lines: string[] = [];
    const past = new PastJobs(folder, { ...log, warn: (line) => lines.push(line) });
    for (const _ of [1, 2]) expect(await past.list()).toMatchObject([{ id, state: 'interrupted' }]);
    expect(lines).toHaveLength(logged);
  });

  // Only Linux lists the files that a process has open.
  it.skipIf(!existsSync('/proc/self/fd'))('leave no open file behind when they have ended', async () => {
    const open = async () => (await readdir('/proc/self/fd')).length;
    const journal = await Journal.open(folder, new Date());
    const runner = newRunner(journal);
    const before = await open();
    for (let n = 0; n < 30; n += 1)
      await eventsOf(runner, runner.start('test', titled('Test'), async () => null).jobId);
    await expect.poll(async () => (await new PastJobs(folder).list()).filter(isEnded).length).toBe(30);
    await expect.poll(open).toBeLessThan(before + 10);
    await runner.close();
  });
});

describe('all jobs at once', () => {
  it('come first as they are, then each one that changed, its last state in any case', async () => {
    const runner = newRunner();
    const past = runner.start('test', titled('Past'), async () => null);
    await eventsOf(runner, past.jobId);
    const stop = new AbortController();
    const seen: JobChange[] = [];
    const watching = (async () => {
      for await (const change of runner.watchAll(stop.signal)) seen.push(change);
    })();
    await expect.poll(() => seen.map((one) => one.type)).toEqual(['job', 'listed']);
    const began = performance.now();
    const { jobId } = runner.start('test', titled('Loud'), async (work) => {
      for (let n = 0; n < 200; n += 1) {
        work.log(`line ${n}`);
        await sleep(2);
      }
      return { n: 200 };
    });
    const last = () => seen.findLast((one) => one.type === 'job' && one.job.id === jobId);
    await expect.poll(last, { timeout: 60_000 }).toMatchObject({ job: { state: 'succeeded', result: { n: 200 } } });
    // Some 200 changes, told at most ten times a second however long they took, beside the two first ones.
    const tenths = (performance.now() - began) / 100;
    expect(seen.length).toBeGreaterThan(4);
    expect(seen.length).toBeLessThanOrEqual(2 + Math.ceil(tenths) + 1);
    stop.abort();
    await watching;
  });
});
