import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { digest, hexDigest } from '../../../../shared/digest.ts';
import { JsonLines, readJsonLines } from '../../files/json-lines.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { type PackRecord, recordPath } from './pack-record.ts';

/**
 * A block of a file was written; or a whole file got its final name; or it was removed, since another file has its bytes; or a
 * medium was signed; or the bytes of a file are not what they should be, so that its blocks so far do not count.
 */
const line = z.union([
  z.object({ file: z.string(), index: z.int().nonnegative(), sha256: hexDigest }),
  z.object({ file: z.string(), name: z.string().regex(/^[0-9a-f]{64}(\.\d{3})?$/) }),
  z.object({ file: z.string(), twin: digest }),
  z.object({ sealed: hexDigest }),
  z.object({ file: z.string(), wrong: z.literal(true) }),
]);
/** A line of the ledger. `file` is `<ordinal>/<temporary name>`. */
export type PackLine = z.infer<typeof line>;

/**
 * What a pack has written to its media. It is in the data folder and not on a medium, which others can change: a block counts only
 * if the medium still holds it.
 */
export class PackLedger {
  readonly id: string;
  /** The file that the packing thread appends blocks to. */
  readonly path: string;
  readonly #folder: string;
  readonly #blocks = new Map<string, Map<number, string>>();
  readonly #names = new Map<string, string>();
  readonly #twins = new Map<string, string>();

  private constructor(folder: string, id: string, lines: PackLine[]) {
    this.id = id;
    this.path = ledgerPath(folder);
    this.#folder = folder;
    for (const one of lines) {
      if ('name' in one) this.#names.set(one.file, one.name);
      else if ('wrong' in one) this.#blocks.delete(one.file);
      else if ('twin' in one) this.#twins.set(one.file, one.twin);
      else if ('index' in one) this.#blocksOf(one.file).set(one.index, one.sha256);
    }
  }

  /** Continues the ledger of an interrupted pack. */
  static async resume(folder: string, { id }: PackRecord): Promise<PackLedger> {
    return new PackLedger(folder, id, await readJsonLines(ledgerPath(folder), line));
  }

  /** Starts a ledger; that of an earlier pack to the same targets is removed. Throws `file.*`, `space.ran-out`. */
  static async start(folder: string, record: PackRecord): Promise<PackLedger> {
    await rm(folder, { recursive: true, force: true });
    await writeWhole(recordPath(folder), JSON.stringify(record), { folderMode: 0o700 });
    return new PackLedger(folder, record.id, []);
  }

  /** The digests of the first blocks of a file, without a gap. */
  blocks(file: string): string[] {
    const known = this.#blocks.get(file);
    const blocks: string[] = [];
    for (let next = known?.get(0); next !== undefined; next = known?.get(blocks.length)) blocks.push(next);
    return blocks;
  }

  /** The digest of a blob that was removed because another one has its bytes. `file` is its first part. */
  twinOf(file: string): string | undefined {
    return this.#twins.get(file);
  }

  /** The temporary names on a medium, each with the final one if it got that. */
  filesOn(ordinal: number): { temporary: string; name: string | undefined }[] {
    const prefix = `${ordinal}/`;
    const files = [...new Set([...this.#blocks.keys(), ...this.#names.keys()])].filter((one) => one.startsWith(prefix));
    return files.map((file) => ({ temporary: file.slice(prefix.length), name: this.#names.get(file) }));
  }

  /** Notes the final name of a file before it gets it. */
  async name(file: string, name: string): Promise<void> {
    await this.#append({ file, name });
  }

  /** Notes that a file is removed because a blob with this digest is on a medium already. */
  async twin(file: string, digest: string): Promise<void> {
    await this.#append({ file, twin: digest });
  }

  /** Notes that the blocks of a file so far do not count, since together they are not what its source should be. */
  async distrust(file: string): Promise<void> {
    await this.#append({ file, wrong: true });
  }

  /** Notes that a medium was signed; `sha256` is that of its envelope. */
  async seal(sha256: string): Promise<void> {
    await this.#append({ sealed: sha256 });
  }

  /** Removes the record and the ledger. */
  async forget(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #blocksOf(file: string): Map<number, string> {
    const blocks = this.#blocks.get(file) ?? new Map();
    this.#blocks.set(file, blocks);
    return blocks;
  }

  async #append(one: PackLine): Promise<void> {
    const lines = await JsonLines.open<PackLine>(this.path);
    try {
      await lines.append(one);
    } finally {
      await lines.close();
    }
  }
}

/** Returns the SHA-256 of the envelopes that an interrupted pack signed. */
export async function sealedEnvelopes(folder: string): Promise<string[]> {
  const lines = await readJsonLines(ledgerPath(folder), line);
  return lines.flatMap((one) => ('sealed' in one ? one.sealed : []));
}

/** Returns the name in the ledger of a file of a medium. */
export function ledgerFile(ordinal: number, path: string): string {
  return `${ordinal}/${basename(path)}`;
}

function ledgerPath(folder: string): string {
  return join(folder, 'ledger.jsonl');
}
