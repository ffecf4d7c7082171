import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JobRunner } from '../../../src/main/core/jobs/job-runner.ts';
import { jobsHandlers } from '../../../src/main/core/jobs/jobs-handlers.ts';
import type { Work } from '../../../src/main/core/work.ts';
import {
  type Connection,
  type KeepConnectedOptions,
  keepConnected,
} from '../../../src/renderer/connection/keep-connected.ts';
import { webSocketPipe } from '../../../src/renderer/connection/websocket-pipe.ts';
import { jobs } from '../../../src/shared/contract/jobs.ts';
import { AppError } from '../../../src/shared/errors/app-error.ts';
import type { Pipe } from '../../../src/shared/rpc/pipe.ts';
import { serve } from '../../../src/shared/rpc/serve.ts';
import { kernelContract, kernelHandlers } from '../../scenes/kernel-contract.ts';
import { browserSocket, PageScene } from '../../scenes/page-scene.ts';

const contract = { ...kernelContract, jobs };
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
let scene: PageScene;
let runner: JobRunner;
let served: Pipe[];
let connections: Connection<typeof contract>[];

beforeEach(async () => {
  served = [];
  connections = [];
  runner = new JobRunner({ log, now: () => new Date() });
  const handlers = { ...kernelHandlers(), jobs: jobsHandlers(runner) };
  scene = await PageScene.open((pipe) => {
    served.push(pipe);
    serve(contract, handlers, pipe, { mayWrite: true, owner: 'a test', newRef: () => 'ref' });
  });
  vi.stubGlobal('WebSocket', browserSocket(scene.origin, await scene.cookie()));
});
afterEach(async () => {
  for (const one of connections) one.close();
  await runner.close();
  await scene.close();
});

const openSocket = () => webSocketPipe(`ws://${scene.host}/rpc`);

function opened(more: Partial<KeepConnectedOptions<typeof contract>> = {}): Connection<typeof contract> {
  const connection = keepConnected(contract, {
    open: openSocket,
    ping: (client) => client.sums.produced({}),
    firstRetryMs: 50,
    lastRetryMs: 200,
    ...more,
  });
  connections.push(connection);
  return connection;
}

function statesOf({ state }: Connection<typeof contract>): string[] {
  const seen: string[] = [state.get()];
  state.subscribe(() => seen.push(state.get()));
  return seen;
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'answered',
    (error) => (error instanceof AppError ? error.code : String(error)),
  );

function counting(steps: number, everyMs: number): (work: Work) => Promise<unknown> {
  return async ({ log: say, signal }) => {
    for (let n = 1; n <= steps; n += 1) {
      say(`line ${n}`);
      await sleep(everyMs, undefined, { signal });
    }
    return { steps };
  };
}

describe('the connection of the page', () => {
  it('lets the first calls wait until it is open', async () => {
    const connection = opened();
    const states = statesOf(connection);
    expect(await connection.client.sums.add({ a: 1, b: 2 })).toEqual({ sum: 3 });
    expect(states).toEqual(['connecting', 'open']);
  });

  it('fails pending calls when the server stops, and later ones until it is back, then continues with the old cookie', async () => {
    let tries = 0;
    const connection = opened({
      open: () => {
        tries += 1;
        return openSocket();
      },
    });
    const states = statesOf(connection);
    await connection.client.sums.add({ a: 1, b: 2 });
    const pending = codeOf(connection.client.sums.wait({}));
    await scene.stop();
    expect(await pending).toBe('rpc.closed');
    expect(await codeOf(connection.client.sums.add({ a: 1, b: 2 }))).toBe('rpc.closed');
    await expect.poll(() => tries, { timeout: 20_000 }).toBeGreaterThan(3);
    await scene.restart();
    await expect.poll(() => connection.state.get(), { timeout: 5000 }).toBe('open');
    expect(await connection.client.sums.add({ a: 2, b: 2 })).toEqual({ sum: 4 });
    expect(states).toEqual(['connecting', 'open', 'lost', 'open']);
  });

  it('continues watching a job after its last event, without a gap and without a repetition', async () => {
    const connection = opened();
    const { jobId } = runner.start('test', { title: 'Test', resumes: false }, counting(40, 25));
    const lines: string[] = [];
    let ended = '';
    for await (const event of connection.client.jobs.watch({ jobId })) {
      if (event.type === 'log') lines.push(event.line);
      if (event.type === 'finished') ended = event.type;
      if (event.type === 'log' && [5, 20].includes(lines.length)) served.at(-1)?.close();
    }
    expect(served.length).toBe(3);
    expect(lines).toEqual(Array.from({ length: 40 }, (_, n) => `line ${n + 1}`));
    expect(ended).toBe('finished');
  });

  it('starts other streams again from their start', async () => {
    const connection = opened();
    runner.start('test', { title: 'Before', resumes: false }, counting(1, 1));
    const seen: string[] = [];
    for await (const change of connection.client.jobs.watchAll({})) {
      seen.push(change.type === 'job' ? change.job.title : change.type);
      if (change.type !== 'listed') continue;
      if (seen.filter((one) => one === 'listed').length === 2) break;
      served.at(-1)?.close();
    }
    expect(seen).toEqual(['Before', 'listed', 'Before', 'listed']);
  });

  it('ends a stream for good on any other error', async () => {
    const connection = opened();
    const watch = async () => {
      for await (const _event of connection.client.jobs.watch({ jobId: 'nobody' }));
    };
    expect(await codeOf(watch())).toBe('job.unknown');
  });

  it('closing the page stops no job, and another page sees it continue', async () => {
    const [first, second] = [opened(), opened()];
    const { jobId } = runner.start('test', { title: 'Long', resumes: false }, counting(20, 25));
    for await (const event of first.client.jobs.watch({ jobId })) if (event.type === 'log') break;
    first.close();
    const states: string[] = [];
    for await (const change of second.client.jobs.watchAll({})) {
      if (change.type === 'job') states.push(change.job.state);
      if (change.type === 'job' && change.job.state !== 'running') break;
    }
    expect(states.at(0)).toBe('running');
    expect(states.at(-1)).toBe('succeeded');
    expect(await codeOf(first.client.sums.add({ a: 1, b: 1 }))).toBe('rpc.closed');
  });

  it('notices a server that is connected and falls silent', async () => {
    let answered = 0;
    const ping: KeepConnectedOptions<typeof contract>['ping'] = async (client) => {
      await client.sums.produced({});
      answered += 1;
    };
    const connection = opened({ pingEveryMs: 100, pingTimeoutMs: 2000, ping });
    await connection.client.sums.add({ a: 1, b: 2 });
    const states = statesOf(connection);
    await connection.client.sums.add({ a: 1, b: 2 });
    await expect.poll(() => answered, { timeout: 20_000 }).toBeGreaterThan(3);
    expect(states).toEqual(['open']);
    const stuck = served.at(-1);
    // From now on the answers of this connection get lost, as in a tunnel whose other end is gone.
    if (stuck) stuck.send = () => undefined;
    await expect.poll(() => states, { timeout: 20_000 }).toEqual(['open', 'lost', 'open']);
  });

  it('distinguishes a server that wants a new link from one that is gone', async () => {
    let answer: 'signed-out' | 'gone' = 'signed-out';
    const connection = keepConnected(contract, {
      open: async () => {
        if (answer === 'gone') throw new Error('nobody there');
        return answer;
      },
      ping: async () => undefined,
      firstRetryMs: 10_000,
    });
    const states = statesOf(connection);
    await expect.poll(() => states).toEqual(['connecting', 'signed-out']);
    expect(await codeOf(connection.client.sums.add({ a: 1, b: 1 }))).toBe('rpc.closed');
    answer = 'gone';
    connection.retry();
    await expect.poll(() => states).toEqual(['connecting', 'signed-out', 'lost']);
    connection.close();
  });

  it('retries with doubling pauses', async () => {
    const asked: number[] = [];
    const connection = keepConnected(contract, {
      open: async () => {
        asked.push(Date.now());
        throw new Error('nobody there');
      },
      ping: async () => undefined,
      firstRetryMs: 20,
      lastRetryMs: 160,
    });
    await expect.poll(() => asked.length, { timeout: 5000 }).toBeGreaterThan(6);
    connection.close();
    const pauses = asked.slice(1).map((at, n) => at - (asked[n] ?? 0));
    for (const [n, leastMs] of [20, 40, 80, 160, 160, 160].entries())
      expect(pauses[n]).toBeGreaterThanOrEqual(leastMs - 2);
  });
});
