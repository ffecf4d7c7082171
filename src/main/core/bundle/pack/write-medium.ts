import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { closeFile } from '../../files/close-file.ts';
import { canonicalJson } from '../../signing/canonical-json.ts';
import { type Signer, signEnvelope } from '../../signing/dsse.ts';
import type { WrittenFile } from '../format/block-hashes.ts';
import {
  appFolder,
  layoutFolder,
  type MediumFile,
  type MediumPayload,
  mediumEnvelopePath,
  mediumFolder,
  mediumPayloadType,
} from '../format/format.ts';
import { packIoError } from '../format/medium-io-error.ts';
import { writeBytes } from './copy-blob.ts';
import type { PackLedger } from './pack-ledger.ts';
import { claimMark, markText, refuseTaken, unfinishedPath } from './pack-mark.ts';
import { clearTarget, isPlainFolder, makeFolders, type PackTarget } from './pack-target.ts';

const blobsFolder = `${layoutFolder}/blobs/sha256`;

/** One medium while it is written: all its files, and the ones that it lists. */
export class PackMedium {
  readonly ordinal: number;
  readonly label: string;
  readonly target: PackTarget;
  /** Listed in `media.json`. */
  readonly files: MediumFile[] = [];
  /** All bytes written, with envelopes and marks. */
  bytesWritten = 0;
  /** What is written after the list: envelopes and checksums. */
  readonly #unlisted: MediumFile[] = [];

  constructor(facts: { ordinal: number; label: string; target: PackTarget }) {
    this.ordinal = facts.ordinal;
    this.label = facts.label;
    this.target = facts.target;
  }

  /**
   * Marks the medium as unfinished, then removes what an earlier bundle left. What an interrupted run of this pack wrote gets its
   * temporary names back.
   */
  async begin(ledger: PackLedger): Promise<void> {
    const { target } = this;
    await makeFolders(target, [mediumFolder]);
    // A marked medium keeps its mark until it holds nothing else: it never looks complete or foreign.
    if (!target.isMarked) await this.#mark(ledger.id);
    else if (target.isResumed) await this.#doing(claimMark(target.path, ledger.id));
    if (target.isReplaced) await clearTarget(target, target.isResumed ? await this.#takeBack(ledger) : []);
    if (target.isMarked && !target.isResumed) await this.#mark(ledger.id);
    await makeFolders(target, [blobsFolder]);
  }

  /** Where a blob's bytes go until their digest is known. */
  temporaryPath(name: string): string {
    return join(this.target.path, blobsFolder, `${name}.part`);
  }

  /** Renames a written file to its final name. `suffix`: `.000`, `.001`, … of a blob in parts. */
  async keepBlob(temporary: string, sha256: string, suffix: string, written: WrittenFile): Promise<void> {
    const path = `${blobsFolder}/${sha256}${suffix}`;
    await this.#doing(rename(temporary, join(this.target.path, path)));
    this.files.push({ path, ...written });
  }

  /** Removes what an interrupted run wrote and this one did not need. Call it after the last blob. */
  async dropLeftovers(): Promise<void> {
    const folder = join(this.target.path, blobsFolder);
    const names = await this.#doing(readdir(folder));
    for (const name of names) if (name.endsWith('.part')) await this.dropBlob(join(folder, name));
  }

  /** Removes a written file whose bytes are already on a medium. */
  async dropBlob(temporary: string): Promise<void> {
    await this.#doing(rm(temporary));
  }

  /** Writes a small blob from memory. */
  async addBlob(sha256: string, bytes: Buffer): Promise<void> {
    await this.addFile(`${blobsFolder}/${sha256}`, bytes);
  }

  /** Writes a small file that `media.json` lists. */
  async addFile(path: string, bytes: Buffer): Promise<void> {
    this.files.push({ path, ...(await this.#write(path, bytes)) });
  }

  /** Signs and writes `media.json`; the answer is the SHA-256 of its bytes. */
  async seal(bundleId: string, created: string, signer: Signer): Promise<string> {
    this.files.sort((a, b) => (a.path < b.path ? -1 : 1));
    const { ordinal, label, files } = this;
    const payload: MediumPayload = { version: 1, bundle: bundleId, ordinal, label, created, files };
    const envelope = Buffer.from(signEnvelope(mediumPayloadType, canonicalJson(payload), signer));
    return this.addUnlisted(mediumEnvelopePath, envelope);
  }

  /** Writes a file that `media.json` does not list; the answer is the SHA-256 of its bytes. */
  async addUnlisted(path: string, bytes: Buffer): Promise<string> {
    const written = await this.#write(path, bytes);
    this.#unlisted.push({ path, ...written });
    return written.sha256;
  }

  /** The SHA-256 of `media.json`. Call it after `seal`. */
  sealed(): string {
    return this.#unlisted.find((one) => one.path === mediumEnvelopePath)?.sha256 ?? '';
  }

  /** Every file that was written, to be read back. */
  allFiles(): MediumFile[] {
    return [...this.files, ...this.#unlisted];
  }

  /** Makes sure that the names of the files are on the medium too. */
  async flush(): Promise<void> {
    await this.#flushFolders([appFolder, blobsFolder, `${layoutFolder}/blobs`, layoutFolder, mediumFolder, '.']);
  }

  /** Removes the mark: from now on the medium counts as complete. Throws `pack.medium-taken` when the mark is that of another run. */
  async finish(bundleId: string): Promise<void> {
    await refuseTaken(this.target, bundleId);
    await this.#doing(rm(join(this.target.path, unfinishedPath)));
    await this.#flushFolders([mediumFolder]);
  }

  /** Bytes and number of the listed files, as the head states them. */
  totals(): { sizeBytes: number; files: number } {
    return { sizeBytes: this.files.reduce((sum, file) => sum + file.sizeBytes, 0), files: this.files.length };
  }

  async #mark(bundleId: string): Promise<void> {
    await this.#write(unfinishedPath, Buffer.from(await markText(bundleId)));
    await this.#flushFolders([mediumFolder, '.']);
  }

  /** Returns the paths of the files that an interrupted run wrote. */
  async #takeBack(ledger: PackLedger): Promise<string[]> {
    if (!(await isPlainFolder(this.target.path, blobsFolder))) return [];
    const folder = join(this.target.path, blobsFolder);
    const kept: string[] = [];
    for (const { temporary, name } of ledger.filesOn(this.ordinal)) {
      const path = join(folder, temporary);
      // Missing when the kill came before, or when its bytes were on a medium already.
      if (name) await rename(join(folder, name), path).catch(() => undefined);
      kept.push(path);
    }
    return kept;
  }

  async #write(path: string, bytes: Buffer): Promise<WrittenFile> {
    const written = await this.#doing(writeBytes(join(this.target.path, path), bytes));
    this.bytesWritten += written.sizeBytes;
    return written;
  }

  async #flushFolders(folders: string[]): Promise<void> {
    for (const folder of folders) {
      const handle = await open(join(this.target.path, folder), 'r').catch(() => undefined);
      // Windows and some FUSE filesystems cannot flush a folder.
      await handle?.sync().catch(() => undefined);
      await closeFile(handle);
    }
  }

  async #doing<T>(action: Promise<T>): Promise<T> {
    try {
      return await action;
    } catch (error) {
      throw packIoError(error, (error as NodeJS.ErrnoException).path ?? this.target.path, 'write');
    }
  }
}
