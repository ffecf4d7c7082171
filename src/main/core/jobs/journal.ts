import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { isEnded, type JobEvent } from '../../../shared/jobs.ts';
import { fileError } from '../files/file-error.ts';
import { makeFolder } from '../files/make-folder.ts';
import { PastJobs } from './past-jobs.ts';

const keptJobs = 100;
const progressEveryMs = 1000;
const ends = new Set<JobEvent['type']>(['finished', 'failed', 'cancelled', 'interrupted']);

interface OpenJournal {
  out: WriteStream;
  lastProgressAt: number;
  /** Progress that came too soon after the last. */
  unwritten?: JobEvent | undefined;
}

/** Job events on disk: one folder, one file of JSON lines per job. Only the holder of the lock writes one. */
export class Journal {
  readonly #folder: string;
  readonly #files = new Map<string, OpenJournal>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens the folder, marks jobs whose process died as `interrupted`, and deletes all but the newest hundred. */
  static async open(folder: string, now: Date): Promise<Journal> {
    await makeFolder(folder, 0o700).catch((error) => {
      throw fileError(folder, 'write', error);
    });
    const journal = new Journal(folder);
    const jobs = await new PastJobs(folder).list();
    for (const job of jobs.slice(0, keptJobs)) {
      if (!isEnded(job))
        journal.append({ type: 'interrupted', jobId: job.id, seq: job.seq + 1, at: now.toISOString() });
    }
    await Promise.all(jobs.slice(keptJobs).map((job) => rm(join(folder, `${job.id}.jsonl`), { force: true })));
    return journal;
  }

  /** Adds an event; progress at most once per second, and what came last before any other event. Write errors do not affect the job. */
  append(event: JobEvent): void {
    let file = this.#files.get(event.jobId);
    if (!file) {
      const out = createWriteStream(join(this.#folder, `${event.jobId}.jsonl`), { flags: 'a', mode: 0o600 });
      out.on('error', () => undefined);
      // A process that died may have left half a line. The next event needs a line of its own.
      if (event.type !== 'started') out.write('\n');
      file = { out, lastProgressAt: 0 };
      this.#files.set(event.jobId, file);
    }
    if (event.type === 'progress' && Date.parse(event.at) - file.lastProgressAt < progressEveryMs) {
      file.unwritten = event;
      return;
    }
    if (event.type === 'progress') file.lastProgressAt = Date.parse(event.at);
    else if (file.unwritten) writeLine(file.out, file.unwritten);
    file.unwritten = undefined;
    writeLine(file.out, event);
    if (ends.has(event.type)) this.#end(event.jobId, file.out);
  }

  #end(jobId: string, out: WriteStream): void {
    out.end();
    const forget = () => this.#files.delete(jobId);
    void finished(out).then(forget, forget);
  }

  /** Waits until everything is written. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#files.values()].map(({ out }) => {
        out.end();
        return finished(out).catch(() => undefined);
      }),
    );
    this.#files.clear();
  }
}

function writeLine(out: WriteStream, event: JobEvent): void {
  out.write(`${JSON.stringify(event)}\n`);
}
