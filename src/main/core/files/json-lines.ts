import { type FileHandle, open, readFile } from 'node:fs/promises';
import type { z } from 'zod';

/** An append-only file of JSON lines. A line that a kill cut short doesn't count and doesn't swallow the next one. */
export class JsonLines<T> {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens the file at a path, or creates it. */
  static async open<T>(path: string): Promise<JsonLines<T>> {
    const file = await open(path, 'a', 0o600);
    try {
      await file.write('\n');
    } catch (error) {
      await file.close();
      throw error;
    }
    return new JsonLines(file);
  }

  async append(line: T): Promise<void> {
    await this.#file.write(`${JSON.stringify(line)}\n`);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** Returns the lines that match a schema; none when there is no file. */
export async function readJsonLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => parseLine(line, schema) ?? []);
}

function parseLine<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
