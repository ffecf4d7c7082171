import { setTimeout as sleep } from 'node:timers/promises';
import { redact } from '../../../../shared/errors/app-error.ts';
import { type Client, connect } from '../../../../shared/rpc/connect.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import { type ForkedProcess, forkWorker } from '../../processes/fork.ts';
import { type PartAddress, type PartConfig, partContract, type ServiceState } from '../../serving/parts.ts';
import { isSimulated } from '../service-plan.ts';
import { changedKeys } from './key-prints.ts';
import { lastLine } from './last-line.ts';
import { Latest } from './latest.ts';
import { limitOpenLog, openLog } from './part-log.ts';
import { RestartPolicy } from './restart-policy.ts';
import { silentMs } from './silent-part.ts';

export type PartState = ServiceState['parts'][number];

/** How one part is run. */
export interface SupervisedPartOptions {
  config: PartConfig;
  /** The built entry of the part. */
  entry: string;
  logPath: string;
  startTimeoutMs: number;
  /** The part whose address this one is given. */
  upstream: SupervisedPart | undefined;
  /** Fingerprints of the keys that the part reads when it starts. */
  keys(): Promise<Record<string, string> | undefined>;
  changed(): void;
}

type End = { kind: 'stop' } | { kind: 'again' } | { kind: 'failed'; error: string; ranMs: number };
interface Running {
  child: ForkedProcess;
  client: Client<typeof partContract>;
  question?: Promise<OutputOf<typeof partContract.part.measure> | undefined> | undefined;
}

const stopMs = 10_000;
const measureMs = 1500;
const redirectMs = 5000;

/** Keeps one part running: starts it, gives it its upstream, restarts what dies, and stops it when told. */
export class SupervisedPart {
  readonly address = new Latest<PartAddress>();
  /** The last change of `state`; others wait on it. */
  readonly state = new Latest<PartState>();
  readonly #options: SupervisedPartOptions;
  readonly #stop = new AbortController();
  #running: Running | undefined;
  /** Ends the present run, so that the next one begins. */
  #again = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(options: SupervisedPartOptions) {
    this.#options = options;
    const { name, kind } = options.config;
    this.state.set({
      name,
      kind,
      simulated: isSimulated(options.config),
      state: 'starting',
      restarts: 0,
      measured: {},
    });
  }

  /**
   * Begins to keep the part running; resolves when it runs for the first time, or has failed to for the first time,
   * or at once while the part it needs does not run.
   */
  async start(): Promise<void> {
    this.#done = this.#keep();
    if (this.#options.upstream && !this.#options.upstream.address.value) return;
    await this.state.when((one) => one?.state !== 'starting', this.#stop.signal);
  }

  /** Ends the part, by force after 10 s, and resolves when its process is gone. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    this.#set({ state: 'stopped' });
  }

  /** Starts the part again when it was given up, does not answer, or reads a key that has changed since. */
  async refresh(): Promise<void> {
    const { state, keys = {}, ...said } = this.state.value ?? {};
    if (this.#stop.signal.aborted) return;
    if (state === 'failed') {
      this.#set({ state: 'starting', error: undefined });
      this.#done = this.#keep();
    } else if (silentMs(said, new Date()) > 0 || changedKeys(keys, await this.#options.keys()).length > 0) {
      this.#set({ state: 'restarting', keys: undefined, silentSince: undefined });
      this.#again.abort();
    }
  }

  /** Asks the running part for its figures, and keeps its log within its limit. Never throws. */
  async measure(): Promise<void> {
    await limitOpenLog(this.#options.logPath).catch(() => undefined);
    const running = this.#running;
    if (!running || this.state.value?.state !== 'running') return;
    // A part that hangs gets no second question before it has answered the first.
    running.question ??= running.client.part.measure({}).then(
      (answer) => {
        running.question = undefined;
        return answer;
      },
      () => undefined,
    );
    const answer = await Promise.race([running.question, sleep(measureMs, undefined, { ref: false })]);
    if (running !== this.#running || this.state.value?.state !== 'running') return;
    if (answer) return this.#set({ measured: answer.measured, error: undefined, silentSince: undefined });
    const { silentSince = new Date().toISOString() } = this.state.value;
    this.#set({ error: `did not answer its last measurement within ${measureMs / 1000} s`, silentSince });
  }

  async #keep(): Promise<void> {
    const policy = new RestartPolicy();
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const end = await this.#runOnce().catch(
        (error): End => ({ kind: 'failed', error: redact(String((error as Error).message)), ranMs: 0 }),
      );
      this.address.set(undefined);
      this.#running = undefined;
      if (signal.aborted || end.kind === 'stop') return;
      if (end.kind === 'again') {
        this.#set({ state: 'restarting', error: undefined });
        continue;
      }
      const next = policy.failed(end.ranMs);
      if (next === 'give-up') return this.#set({ state: 'failed', error: end.error, pid: undefined, measured: {} });
      this.#set({ state: 'restarting', error: end.error, pid: undefined, measured: {} });
      await sleep(next.delayMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) this.#set({ restarts: (this.state.value?.restarts ?? 0) + 1 });
    }
  }

  async #runOnce(): Promise<End> {
    const { entry, logPath, config } = this.#options;
    const given = await this.#upstreamAddress();
    if (this.#stop.signal.aborted) return { kind: 'stop' };
    this.#again = new AbortController();
    this.#set({ keys: await this.#options.keys(), silentSince: undefined });
    const log = await openLog(logPath);
    const child = forkWorker(entry, { logFd: log.fd });
    await log.close();
    const client = connect(partContract, child.pipe, `part ${config.name}`);
    this.#set({ pid: child.pid });
    const ended = child.exited.then(async ({ code, signal }) => {
      const line = await lastLine(logPath);
      return `its process ended with ${signal ?? `code ${code}`}${line && code !== 0 ? `: ${line}` : ''}`;
    });
    const problem = await this.#begin(client, given, ended);
    if (problem !== undefined) {
      await endProcess(child);
      return this.#told() ?? { kind: 'failed', error: problem, ranMs: 0 };
    }
    this.#running = { child, client };
    const since = Date.now();
    const end = await this.#serve(client, given, ended);
    if (typeof end === 'string') return { kind: 'failed', error: end, ranMs: Date.now() - since };
    await endProcess(child);
    return this.#told() ?? { kind: 'again' };
  }

  #told(): End | undefined {
    if (this.#stop.signal.aborted) return { kind: 'stop' };
    return this.#again.signal.aborted ? { kind: 'again' } : undefined;
  }

  /**
   * Lets the part serve and tells it each new address of its upstream. Gives how its process ended, or nothing when it must be
   * ended: told to stop or to start again, or it does not take the new address.
   */
  async #serve(client: Client<typeof partContract>, given: PartAddress | undefined, ended: Promise<string>) {
    const { upstream } = this.#options;
    let known = given;
    for (;;) {
      const over = new AbortController();
      const until = AbortSignal.any([this.#stop.signal, this.#again.signal, over.signal]);
      const other = upstream?.address.when((now) => now !== undefined && !isSame(now, known), until);
      const news = await Promise.race([ended, other ?? aborted(until)]);
      over.abort();
      if (typeof news === 'string' || news === undefined) return news;
      const told = client.part.redirect({ upstream: news }).then(
        () => true,
        () => false,
      );
      if (!(await Promise.race([told, sleep(redirectMs, false, { ref: false })]))) return undefined;
      known = news;
    }
  }

  /** Tells the part to start; gives what went wrong, or undefined when it answers. */
  async #begin(
    client: Running['client'],
    upstream: PartAddress | undefined,
    ended: Promise<string>,
  ): Promise<string | undefined> {
    const { config, startTimeoutMs } = this.#options;
    const over = new AbortController();
    const late = sleep(startTimeoutMs, `did not answer within ${startTimeoutMs / 1000} s`, { signal: over.signal });
    const started = client.part.start({ config, ...(upstream && { upstream }) }).then(
      ({ address, version }) => {
        if (this.#told()) return 'stopped';
        this.address.set(address);
        this.#set({ state: 'running', version, host: address.host, port: address.port, error: undefined });
        return undefined;
      },
      // A pipe that closes says less than the process's own end, which comes at the same time.
      (error) => (error.code === 'rpc.closed' ? ended : redact(String(error.wire?.message ?? error.message))),
    );
    const stopped = aborted(AbortSignal.any([this.#stop.signal, this.#again.signal, over.signal])).then(
      () => 'stopped',
    );
    const problem = await Promise.race([started, ended, late.catch(() => 'over'), stopped]);
    over.abort();
    return problem;
  }

  #upstreamAddress(): Promise<PartAddress | undefined> {
    const { upstream } = this.#options;
    if (!upstream) return Promise.resolve(undefined);
    if (!upstream.address.value) this.#set({ error: `waits for part ${upstream.#options.config.name}` });
    return upstream.address.when((address) => address !== undefined, this.#stop.signal);
  }

  #set(change: { [K in keyof PartState]?: PartState[K] | undefined }): void {
    const merged = Object.entries({ ...this.state.value, ...change }).filter(([, value]) => value !== undefined);
    this.state.set(Object.fromEntries(merged) as PartState);
    this.#options.changed();
  }
}

async function endProcess(child: ForkedProcess): Promise<void> {
  child.kill('SIGTERM');
  const late = new AbortController();
  const force = sleep(stopMs, undefined, { signal: late.signal }).then(
    () => child.kill('SIGKILL'),
    () => undefined,
  );
  await child.exited;
  late.abort();
  await force;
}

function isSame(a: PartAddress, b: PartAddress | undefined): boolean {
  return b !== undefined && a.host === b.host && a.port === b.port && a.token === b.token;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
