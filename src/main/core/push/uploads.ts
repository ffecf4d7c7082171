import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readBounded } from '../files/read-bounded.ts';
import { sha256Hex } from '../files/sha256.ts';
import { writeWhole } from '../files/write-whole.ts';

/** The longest address of an upload that is kept. */
export const maxUrlChars = 8192;
const record = z.object({ version: z.literal(1), uploads: z.record(z.string(), z.string().max(maxUrlChars)) });
const maxBytes = 16 * 1024 * 1024;

/** The uploads that a registry keeps for an interrupted push, by repository and digest, in a file of the data folder. */
export class Uploads {
  readonly #path: string;
  readonly #urls: Map<string, string>;

  private constructor(path: string, urls: Map<string, string>) {
    this.#path = path;
    this.#urls = urls;
  }

  /** Reads what earlier runs left for a registry; a file that cannot be read counts as none. */
  static async read(folder: string, origin: string): Promise<Uploads> {
    const path = join(folder, `${sha256Hex(origin)}.json`);
    const bytes = await readBounded(path, maxBytes).catch(() => undefined);
    return new Uploads(path, new Map(Object.entries(parsed(bytes))));
  }

  url(key: string): string | undefined {
    return this.#urls.get(key);
  }

  async keep(key: string, url: string): Promise<void> {
    this.#urls.set(key, url);
    await this.#write();
  }

  async drop(key: string): Promise<void> {
    if (this.#urls.delete(key)) await this.#write();
  }

  async #write(): Promise<void> {
    if (this.#urls.size === 0) return rm(this.#path, { force: true });
    const text = JSON.stringify({ version: 1, uploads: Object.fromEntries(this.#urls) });
    await writeWhole(this.#path, text, { folderMode: 0o700 });
  }
}

function parsed(bytes: Buffer | undefined): Record<string, string> {
  try {
    return record.parse(JSON.parse(bytes?.toString('utf8') ?? '')).uploads;
  } catch {
    return {};
  }
}
