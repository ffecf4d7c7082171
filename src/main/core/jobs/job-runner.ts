import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { boundedText } from '../../../shared/bounded-text.ts';
import { AppError, appError, toAppError } from '../../../shared/errors/app-error.ts';
import { isEnded, type JobChange, type JobEvent, type JobSnapshot, reduceJob } from '../../../shared/jobs.ts';
import type { Log } from '../ports.ts';
import type { Work } from '../work.ts';
import { interrupted, type Titled } from './follow-job.ts';
import type { Journal } from './journal.ts';
import type { PastJobs } from './past-jobs.ts';

type EventBody = JobEvent extends infer E ? (E extends JobEvent ? Omit<E, 'jobId' | 'seq' | 'at'> : never) : never;
type Listener = (event: JobEvent) => void;

interface Running {
  snapshot: JobSnapshot;
  method: Titled;
  /** The time of the next event, by a monotonic clock from the job's start, so that setting the system clock does not matter. */
  at: () => string;
  events: JobEvent[];
  abort: AbortController;
  listeners: Set<Listener>;
  done: Promise<void>;
}

const throttleMs = 100;
const keptJobs = 100;

/** The one place that starts, journals, watches and cancels jobs. */
export class JobRunner {
  readonly #jobs = new Map<string, Running>();
  readonly #listeners = new Set<Listener>();
  readonly #journal: Journal | undefined;
  readonly #past: PastJobs | undefined;
  readonly #log: Log;
  readonly #now: () => Date;

  /** Without a journal, jobs last only as long as this process. Without `past`, jobs of earlier processes are not listed. */
  constructor(options: { journal?: Journal; past?: PastJobs; log: Log; now: () => Date }) {
    this.#journal = options.journal;
    this.#past = options.past;
    this.#log = options.log;
    this.#now = options.now;
  }

  /**
   * Starts a job and returns at once. If the work throws, the job fails with that error; an abort makes it `cancelled`. `subject` is
   * the site. Throws `job.running` for an exclusive job of which one runs for the same subject.
   */
  start(kind: string, method: Titled, work: (work: Work) => Promise<unknown>, subject?: string): { jobId: string } {
    const { title, shares } = method;
    if (method.isExclusive) this.#refuseSecond(kind, subject);
    const jobId = randomUUID();
    const abort = new AbortController();
    const at = evenClock(this.#now());
    const started: JobEvent = {
      type: 'started',
      jobId,
      seq: 1,
      at: at(),
      kind,
      title,
      ...(subject && { subject }),
      ...(shares && { shares }),
    };
    const one: Running = {
      snapshot: reduceJob(undefined, started),
      method,
      at,
      events: [started],
      abort,
      listeners: new Set(),
      done: Promise.resolve(),
    };
    this.#forgetOldest();
    this.#jobs.set(jobId, one);
    this.#tell(one, started);
    one.done = this.#run(one, work);
    return { jobId };
  }

  /** Returns all jobs of this process, then those of the journal, newest first. */
  async list(): Promise<JobSnapshot[]> {
    const own = [...this.#jobs.values()].map((one) => one.snapshot);
    const past = (await this.#past?.list()) ?? [];
    const all = [...own, ...past.filter((job) => !this.#jobs.has(job.id))];
    return all.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  /** Returns one job of `list` by its id or a beginning of it. Throws `job.unknown` if none or several have it. */
  async show(id: string): Promise<JobSnapshot> {
    const [job, ...others] = (await this.list()).filter((one) => one.id.startsWith(id));
    if (!job || others.length > 0) throw appError('job.unknown', { id, several: others.length > 0 });
    return job;
  }

  /** Yields the events after `afterSeq`, then live ones until the job ends. To stop watching does not stop the job. */
  async *watch(jobId: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<JobEvent> {
    const one = this.#find(jobId);
    const waiting = one.events.filter((event) => event.seq > afterSeq);
    let wake = () => {};
    const listener: Listener = (event) => {
      waiting.push(event);
      wake();
    };
    one.listeners.add(listener);
    const stop = () => wake();
    signal.addEventListener('abort', stop, { once: true });
    try {
      while (!signal.aborted) {
        for (let event = waiting.shift(); event; event = waiting.shift()) yield event;
        if (isEnded(one.snapshot)) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      one.listeners.delete(listener);
      signal.removeEventListener('abort', stop);
    }
  }

  /** Yields what `list` returns, then `listed`, then each job that changes: at most ten times a second, and always its last state. */
  async *watchAll(signal: AbortSignal): AsyncGenerator<JobChange> {
    const changed = new Set<string>();
    let wake = () => {};
    const listener: Listener = (event) => {
      changed.add(event.jobId);
      wake();
    };
    this.#listeners.add(listener);
    const stop = () => wake();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for (const job of await this.list()) yield { type: 'job', job };
      yield { type: 'listed' };
      while (!signal.aborted) {
        const jobs = [...changed].flatMap((id) => this.#jobs.get(id)?.snapshot ?? []);
        changed.clear();
        for (const job of jobs) yield { type: 'job', job };
        if (jobs.length > 0) await sleep(throttleMs);
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      this.#listeners.delete(listener);
      signal.removeEventListener('abort', stop);
    }
  }

  /** Cancels a job and waits until it has stopped. Does nothing if it has already ended. */
  async cancel(jobId: string): Promise<void> {
    const one = this.#find(jobId);
    if (isEnded(one.snapshot)) return;
    this.#emit(one, { type: 'cancelling' });
    one.abort.abort(interrupted(one.method));
    await one.done;
  }

  /** Cancels all running jobs and waits until they have stopped. */
  async close(): Promise<void> {
    await Promise.all([...this.#jobs.keys()].map((id) => this.cancel(id)));
    await this.#journal?.close();
  }

  #refuseSecond(kind: string, subject: string | undefined): void {
    for (const { snapshot } of this.#jobs.values())
      if (snapshot.kind === kind && snapshot.subject === subject && !isEnded(snapshot))
        throw appError('job.running', { title: snapshot.title, since: snapshot.startedAt });
  }

  #find(jobId: string): Running {
    const one = this.#jobs.get(jobId);
    if (!one) throw appError('job.unknown', { id: jobId });
    return one;
  }

  async #run(one: Running, work: (work: Work) => Promise<unknown>): Promise<void> {
    const progress = new Throttle((body: EventBody) => this.#emit(one, body));
    const { signal } = one.abort;
    try {
      const result = await work({
        signal,
        step: (id, title) => {
          progress.flush();
          this.#emit(one, { type: 'step', id, title: boundedText(title) });
        },
        endStep: (state) => {
          progress.flush();
          this.#emit(one, { type: 'step-ended', state });
        },
        progress: (value) => progress.offer({ type: 'progress', progress: value }),
        log: (line) => this.#emit(one, { type: 'log', line: boundedText(line) }),
        warn: (line) => this.#emit(one, { type: 'warning', line: boundedText(line) }),
      });
      progress.flush();
      this.#emit(one, { type: 'finished', result: result ?? null });
    } catch (thrown) {
      progress.flush();
      this.#emit(
        one,
        signal.aborted ? { type: 'cancelled' } : { type: 'failed', error: this.#shown(one, thrown).wire },
      );
    }
  }

  #shown(one: Running, thrown: unknown): AppError {
    const error = toAppError(thrown, randomUUID);
    if (!(thrown instanceof AppError)) {
      this.#log.error(`job ${one.snapshot.kind} failed`, {
        ref: error.wire.ref,
        stack: thrown instanceof Error ? thrown.stack : String(thrown),
      });
    }
    return error;
  }

  #emit(one: Running, body: EventBody): void {
    const event = {
      ...body,
      jobId: one.snapshot.id,
      seq: one.snapshot.seq + 1,
      at: one.at(),
    } as JobEvent;
    one.snapshot = reduceJob(one.snapshot, event);
    // A later watcher needs only the latest progress.
    if (event.type === 'progress' && one.events.at(-1)?.type === 'progress') one.events.pop();
    one.events.push(event);
    this.#tell(one, event);
  }

  #tell(one: Running, event: JobEvent): void {
    this.#journal?.append(event);
    for (const listener of [...one.listeners, ...this.#listeners]) listener(event);
  }

  /** Forgets the oldest ended jobs, because a shell may run for weeks. They stay in the journal. */
  #forgetOldest(): void {
    const ended = [...this.#jobs].filter(([, one]) => isEnded(one.snapshot));
    for (const [id] of ended.slice(0, Math.max(0, ended.length + 1 - keptJobs))) this.#jobs.delete(id);
  }
}

function evenClock(start: Date): () => string {
  const tickMs = performance.now();
  return () => new Date(start.getTime() + performance.now() - tickMs).toISOString();
}

/** Passes on one value per interval, and always the last one. */
class Throttle<T> {
  readonly #out: (value: T) => void;
  #next: T | undefined;
  #waiting = false;

  constructor(out: (value: T) => void) {
    this.#out = out;
  }

  offer(value: T): void {
    this.#next = value;
    if (this.#waiting) return;
    this.#waiting = true;
    this.flush();
    void sleep(throttleMs, undefined, { ref: false }).then(() => {
      this.#waiting = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.#next === undefined) return;
    const value = this.#next;
    this.#next = undefined;
    this.#out(value);
  }
}
