import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobEvent, type JobSnapshot, jobEvent, reduceJob } from '../../../shared/jobs.ts';
import { fileError } from '../files/file-error.ts';
import { listFolder } from '../files/list-folder.ts';

/** The jobs of a journal folder. It is asked often: a file that has not grown since the last time is not read again. */
export class PastJobs {
  readonly #folder: string;
  #read = new Map<string, { sizeBytes: number; job: JobSnapshot | undefined }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Newest first; a torn last line is left out, a missing folder is empty. Throws `file.*` for what cannot be read. */
  async list(): Promise<JobSnapshot[]> {
    const names = (await listFolder(this.#folder)).filter((name) => name.endsWith('.jsonl'));
    this.#read = new Map(await Promise.all(names.map(async (name) => [name, await this.#one(name)] as const)));
    const jobs = [...this.#read.values()].flatMap(({ job }) => job ?? []);
    return jobs.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  async #one(name: string): Promise<{ sizeBytes: number; job: JobSnapshot | undefined }> {
    const path = join(this.#folder, name);
    try {
      const { size: sizeBytes } = await stat(path);
      const known = this.#read.get(name);
      if (known?.sizeBytes === sizeBytes) return known;
      return { sizeBytes, job: jobOf(await readFile(path, 'utf8')) };
    } catch (error) {
      throw fileError(path, 'read', error, 'A journal');
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
