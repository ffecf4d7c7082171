import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { type JobEvent, type JobSnapshot, jobEvent, reduceJob } from '../../../shared/jobs.ts';
import { listFolder } from '../files/list-folder.ts';
import { readNamed } from '../files/read-bounded.ts';
import type { Log } from '../ports.ts';

interface ReadJournal {
  /** Null if the file could not be read. */
  sizeBytes: number | null;
  job: JobSnapshot | undefined;
}

const journalName = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/;
// A journal has every log line of its job, and up to a hundred are read at once.
const maxJournalBytes = 16 * 1024 * 1024;

/** The jobs of a journal folder. Files that have not grown since the last call are not read again. */
export class PastJobs {
  readonly #folder: string;
  readonly #log: Pick<Log, 'warn'> | undefined;
  #read = new Map<string, ReadJournal>();

  constructor(folder: string, log?: Pick<Log, 'warn'>) {
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * Returns the jobs, newest first; none if the folder is missing. Ignores an incomplete last line and files not named after their job's id;
   * leaves out and logs a journal that cannot be read. Throws `file.*` if the folder cannot be listed.
   */
  async list(): Promise<JobSnapshot[]> {
    const names = (await listFolder(this.#folder)).filter((name) => journalName.test(name));
    this.#read = new Map(await Promise.all(names.map(async (name) => [name, await this.#one(name)] as const)));
    const jobs = [...this.#read].flatMap(([name, { job }]) => (job && name === `${job.id}.jsonl` ? job : []));
    return jobs.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  async #one(name: string): Promise<ReadJournal> {
    const path = join(this.#folder, name);
    const known = this.#read.get(name);
    const sizeBytes = await stat(path).then(
      ({ size }) => size,
      () => null,
    );
    if (known?.sizeBytes === sizeBytes) return known;
    try {
      return { sizeBytes, job: jobOf((await readNamed(path, maxJournalBytes, 'A journal')).toString('utf8')) };
    } catch (error) {
      const { code, cause } = error as AppError;
      const isGone = (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
      if (!isGone) this.#log?.warn(`the journal ${name} cannot be read`, { code });
      return { sizeBytes, job: undefined };
    }
  }
}

function jobOf(text: string): JobSnapshot | undefined {
  let job: JobSnapshot | undefined;
  for (const line of text.split('\n')) {
    const event = parseLine(line);
    if (event && (job || event.type === 'started')) job = reduceJob(job, event);
  }
  return job;
}

function parseLine(line: string): JobEvent | undefined {
  try {
    return jobEvent.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
