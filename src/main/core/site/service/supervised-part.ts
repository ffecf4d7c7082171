import { setTimeout as sleep } from 'node:timers/promises';
import { redact } from '../../../../shared/errors/app-error.ts';
import { oneMoreHang } from '../../../../shared/part-health.ts';
import { type Client, connect } from '../../../../shared/rpc/connect.ts';
import { endWorker, forkWorker } from '../../processes/fork.ts';
import {
  configSha256,
  type PartAddress,
  type PartConfig,
  partContract,
  type ServiceState,
} from '../../serving/parts/parts.ts';
import { hangProblem, longEnough } from '../../serving/parts/silent-part.ts';
import { changedKeys } from './key-prints.ts';
import { lastLine } from './last-line.ts';
import { type AddressedPart, type Addresses, addressesOf } from './part-addresses.ts';
import { limitOpenLog, openLog } from './part-log.ts';
import { answerMs, PartQuestions } from './part-questions.ts';
import { RestartPolicy } from './restart-policy.ts';
import { serveWithUpstreams } from './serve-with-upstreams.ts';
import { isSimulated } from './service-plan.ts';
import { aborted, WatchedValue } from './watched-value.ts';

export type PartState = ServiceState['parts'][number];

/** How one part is run. */
export interface SupervisedPartOptions {
  config: PartConfig;
  /** The built entry of the part. */
  entry: string;
  logPath: string;
  startTimeoutMs: number;
  /** The parts whose addresses this one receives. */
  upstreams: readonly SupervisedPart[];
  /** Returns fingerprints of the keys that the part reads when it starts. */
  keys(): Promise<Record<string, string> | undefined>;
  changed(): void;
}

type End = { kind: 'stop' } | { kind: 'again' } | { kind: 'failed'; error: string; ranMs: number };

interface Running {
  client: Client<typeof partContract>;
  questions: PartQuestions;
}

const stopMs = 10_000;
/** For one that has not answered for 10 s: it hears no request to stop either. */
const hungStopMs = 2000;
/** A part that takes longer for another configuration is restarted. */
const changeMs = 5000;

/** Keeps one part running: starts it, passes it its upstream, restarts it when it dies, and stops it on request. */
export class SupervisedPart implements AddressedPart {
  readonly address = new WatchedValue<PartAddress>();
  /** The last change of `state`; others wait on it. */
  readonly state = new WatchedValue<PartState>();
  #options: SupervisedPartOptions;
  readonly #stop = new AbortController();
  #running: Running | undefined;
  /** Counts the changes of the parts that it needs. */
  readonly #rewired = new WatchedValue<number>();
  /** Ends the current run, so that the next one starts. */
  #again = new AbortController();
  /** Ends the pause of a part that counts as failed. */
  #retry = new AbortController();
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
      configSha256: configSha256(options.config),
      measured: {},
    });
  }

  get name(): string {
    return this.#options.config.name;
  }

  /** Keeps the part running from now on. */
  start(): void {
    this.#done = this.#keep();
  }

  /** Stops the part, by force after 10 s, or 2 when it hangs, and resolves when its process is gone. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    this.#set({ state: 'stopped' });
  }

  /** Runs the part as these options say; one whose configuration differs takes it while it serves, or is restarted. */
  async change(options: SupervisedPartOptions): Promise<void> {
    const sha256 = configSha256(options.config);
    const isSame = sha256 === this.state.value?.configSha256;
    this.#options = options;
    if (isSame || this.#stop.signal.aborted) return;
    const isTaken = await this.#takes(options);
    this.#set({ configSha256: sha256, ...(isTaken && { keys: await this.#keysRead() }) });
    if (isTaken) this.#rewired.set((this.#rewired.value ?? 0) + 1);
    else if (this.state.value?.state === 'failed') this.#retryNow();
    else this.#restart();
  }

  /** True when the part runs and serves as another configuration says from now on. */
  async #takes({ config, upstreams }: SupervisedPartOptions): Promise<boolean> {
    const running = this.#running;
    if (!running || this.state.value?.state !== 'running') return false;
    const taken = running.client.part.change({ config, upstreams: addressesOf(upstreams) }).then(
      ({ isTaken }) => isTaken,
      () => false,
    );
    const isTaken = await Promise.race([taken, sleep(changeMs, false, { ref: false })]);
    return isTaken && running === this.#running;
  }

  /** A part that takes a change reads only new files: a key that was replaced meanwhile needs a restart. */
  async #keysRead(): Promise<PartState['keys']> {
    const { keys = {} } = this.state.value ?? {};
    const now = await this.#options.keys();
    return now && Object.fromEntries(Object.entries(now).map(([name, print]) => [name, keys[name] ?? print]));
  }

  #retryNow(): void {
    this.#set({ state: 'starting', error: undefined });
    this.#retry.abort();
  }

  #restart(): void {
    this.#set({ state: 'restarting', keys: undefined, silentSince: undefined });
    this.#again.abort();
  }

  /** Restarts the part when it failed, does not answer, or reads a key that has changed. */
  async refresh(): Promise<void> {
    const { state, keys = {} } = this.state.value ?? {};
    const isChanged = state !== 'failed' && changedKeys(keys, await this.#options.keys()).length > 0;
    if (this.#stop.signal.aborted) return;
    if (state === 'failed') this.#retryNow();
    else if (isChanged || longEnough(this.#unansweredMs()) > 0) this.#restart();
  }

  /** Requests the running part's figures, keeps its log within its limit, and restarts a part that hangs. Never throws. */
  async measure(): Promise<void> {
    await limitOpenLog(this.#options.logPath).catch(() => undefined);
    const running = this.#running;
    if (!running || this.state.value?.state !== 'running') return;
    const measured = await running.questions.ask();
    if (running !== this.#running || this.state.value?.state !== 'running') return;
    if (measured) this.#set({ measured, error: undefined, silentSince: undefined });
    else this.#missed();
    const error = hangProblem(this.#unansweredMs(), measured ?? {});
    if (error === undefined) return;
    const { restarts, hangs } = this.state.value;
    this.#set({
      state: 'restarting',
      silentSince: undefined,
      error,
      restarts: restarts + 1,
      hangs: oneMoreHang(hangs, error),
    });
    this.#again.abort();
  }

  #missed(): void {
    const { silentSince = new Date().toISOString() } = this.state.value ?? {};
    this.#set({ error: `did not answer its last measurement within ${answerMs / 1000} s`, silentSince });
  }

  #unansweredMs(): number {
    return this.#running?.questions.unansweredMs() ?? 0;
  }

  async #keep(): Promise<void> {
    let policy = new RestartPolicy();
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
      const { delayMs, isFailed } = policy.failed(end.ranMs);
      this.#retry = new AbortController();
      const state = isFailed ? 'failed' : 'restarting';
      this.#set({ state, error: end.error, pid: undefined, measured: {} });
      const until = AbortSignal.any([signal, this.#retry.signal]);
      await sleep(delayMs, undefined, { signal: until }).catch(() => undefined);
      if (signal.aborted) return;
      if (this.#retry.signal.aborted) policy = new RestartPolicy();
      else if (isFailed) this.#set({ state: 'restarting' });
      this.#set({ restarts: (this.state.value?.restarts ?? 0) + 1 });
    }
  }

  async #runOnce(): Promise<End> {
    const { entry, logPath, config } = this.#options;
    this.#again = new AbortController();
    this.#set({ keys: await this.#options.keys(), silentSince: undefined });
    const log = await openLog(logPath);
    if (this.#stop.signal.aborted) {
      await log.close();
      return { kind: 'stop' };
    }
    const child = forkWorker(entry, { logFd: log.fd });
    await log.close();
    const client = connect(partContract, child.pipe, `part ${config.name}`);
    this.#set({ pid: child.pid });
    const ended = child.exited.then(async ({ code, signal }) => {
      const line = await lastLine(logPath);
      return `its process ended with ${signal ?? `code ${code}`}${line && code !== 0 ? `: ${line}` : ''}`;
    });
    const begun = await this.#begin(client, ended);
    if (typeof begun === 'string') {
      await endWorker(child, stopMs);
      return this.#told() ?? { kind: 'failed', error: begun, ranMs: 0 };
    }
    this.#running = { client, questions: new PartQuestions(client) };
    void this.measure();
    const since = Date.now();
    const end = await serveWithUpstreams({
      client,
      upstreams: () => this.#options.upstreams,
      given: begun.upstreams,
      rewired: this.#rewired,
      ended,
      whole: AbortSignal.any([this.#stop.signal, this.#again.signal]),
    });
    if (typeof end === 'string') return { kind: 'failed', error: end, ranMs: Date.now() - since };
    await endWorker(child, longEnough(this.#unansweredMs()) > 0 ? hungStopMs : stopMs);
    return this.#told() ?? { kind: 'again' };
  }

  #told(): End | undefined {
    if (this.#stop.signal.aborted) return { kind: 'stop' };
    return this.#again.signal.aborted ? { kind: 'again' } : undefined;
  }

  /** Starts the part once a part that it needs runs; returns what went wrong, or its upstreams once it answers. */
  async #begin(client: Running['client'], ended: Promise<string>): Promise<string | { upstreams: Addresses }> {
    const { config, startTimeoutMs } = this.#options;
    const upstreams = await Promise.race([this.#upstreamAddresses(), ended]);
    if (typeof upstreams === 'string') return upstreams;
    if (this.#told()) return 'stopped';
    const over = new AbortController();
    const late = sleep(startTimeoutMs, `did not answer within ${startTimeoutMs / 1000} s`, { signal: over.signal });
    const started = client.part.start({ config, upstreams }).then(
      ({ address, version }) => {
        if (this.#told()) return 'stopped';
        this.address.set(address);
        this.#set({ state: 'running', version, host: address.host, port: address.port, error: undefined });
        return undefined;
      },
      // How the process ended, which is known at the same time, says more than a closed pipe.
      (error) => (error.code === 'rpc.closed' ? ended : redact(String(error.wire?.message ?? error.message))),
    );
    const stopped = aborted(AbortSignal.any([this.#stop.signal, this.#again.signal, over.signal])).then(
      () => 'stopped',
    );
    const problem = await Promise.race([started, ended, late.catch(() => 'over'), stopped]);
    over.abort();
    return problem ?? { upstreams };
  }

  /** Waits until each upstream has started or failed to, and one runs: a model that does not start holds up no other. */
  async #upstreamAddresses(): Promise<Addresses> {
    const { upstreams } = this.#options;
    if (upstreams.length === 0) return {};
    const until = AbortSignal.any([this.#stop.signal, this.#again.signal]);
    await Promise.all(upstreams.map(({ state }) => state.when((one) => one?.state !== 'starting', until)));
    // That they start side by side is no error.
    if (!until.aborted && upstreams.every(({ address }) => !address.value))
      this.#set({ error: `waits for part ${upstreams.map(({ name }) => name).join(' or ')}` });
    await Promise.race(upstreams.map(({ address }) => address.when((one) => one !== undefined, until)));
    return addressesOf(upstreams);
  }

  #set(change: { [K in keyof PartState]?: PartState[K] | undefined }): void {
    const merged = Object.entries({ ...this.state.value, ...change }).filter(([, value]) => value !== undefined);
    this.state.set(Object.fromEntries(merged) as PartState);
    this.#options.changed();
  }
}
