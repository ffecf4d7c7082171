import { open, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from './canonical-json.ts';
import { type Signer, signEnvelope } from './dsse.ts';
import {
  layoutFolder,
  type MediumFile,
  type MediumPayload,
  mediumEnvelopePath,
  mediumFolder,
  mediumPayloadType,
} from './format.ts';
import { type FileFailure, writeBytes } from './pack-copy.ts';
import type { WrittenFile } from './pack-hashes.ts';
import { packIoError } from './pack-io-error.ts';
import { clearTarget, makeFolders, type PackTarget, unfinishedPath } from './pack-target.ts';

const blobsFolder = `${layoutFolder}/blobs/sha256`;

/** One medium while it is written: knows its files, and which of them it lists. */
export class PackMedium {
  readonly ordinal: number;
  readonly label: string;
  readonly target: PackTarget;
  /** What `media.json` lists. */
  readonly files: MediumFile[] = [];
  /** All bytes written, with envelopes and marks. */
  bytesWritten = 0;
  /** The envelopes, which list themselves nowhere. */
  readonly #unlisted: MediumFile[] = [];
  #isBegun = false;

  constructor(facts: { ordinal: number; label: string; target: PackTarget }) {
    this.ordinal = facts.ordinal;
    this.label = facts.label;
    this.target = facts.target;
  }

  /** Marks the medium as unfinished, then removes what an earlier bundle left. */
  async begin(bundleId: string): Promise<void> {
    await makeFolders(this.target, [mediumFolder]);
    await this.#write(unfinishedPath, Buffer.from(`bundle ${bundleId} is being written\n`));
    this.#isBegun = true;
    await this.#flushFolders([mediumFolder, '.']);
    if (this.target.isReplaced) await clearTarget(this.target);
    await makeFolders(this.target, [blobsFolder]);
  }

  /** Where a blob's bytes go until their digest is known. */
  temporaryPath(name: string): string {
    return join(this.target.path, blobsFolder, `${name}.part`);
  }

  /** Gives a written file its final name. `suffix`: `.000`, `.001`, … of a blob in parts. */
  async keepBlob(temporary: string, sha256: string, suffix: string, written: WrittenFile): Promise<void> {
    const path = `${blobsFolder}/${sha256}${suffix}`;
    await this.#doing(rename(temporary, join(this.target.path, path)));
    this.files.push({ path, ...written });
  }

  /** Removes a written file whose bytes lie on a medium already. */
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
    return this.addEnvelope(mediumEnvelopePath, envelope);
  }

  /** Writes an envelope; the answer is the SHA-256 of its bytes. */
  async addEnvelope(path: string, envelope: Buffer): Promise<string> {
    const written = await this.#write(path, envelope);
    this.#unlisted.push({ path, ...written });
    return written.sha256;
  }

  /** Every file that was written, to be read back. */
  allFiles(): MediumFile[] {
    return [...this.files, ...this.#unlisted];
  }

  /** Makes sure that the names of the files are on the medium too. */
  async flush(): Promise<void> {
    await this.#flushFolders([blobsFolder, `${layoutFolder}/blobs`, layoutFolder, mediumFolder, '.']);
  }

  /** Removes the mark: from now on the medium counts as complete. */
  async finish(): Promise<void> {
    await this.#doing(rm(join(this.target.path, unfinishedPath)));
    await this.#flushFolders([mediumFolder]);
  }

  /**
   * Removes all that was written, and a folder that was made for it; nothing of a medium that was not begun. What cannot be removed
   * stays marked as unfinished.
   */
  async abandon(): Promise<void> {
    if (!this.#isBegun) return;
    try {
      await clearTarget(this.target);
      await rm(join(this.target.path, mediumFolder), { recursive: true, force: true });
      if (!this.target.exists) await rmdir(this.target.path);
    } catch {
      // The medium may be gone: the mark tells the next run.
    }
  }

  /** Bytes and number of the listed files, as the head states them. */
  totals(): { sizeBytes: number; files: number } {
    return { sizeBytes: this.files.reduce((sum, file) => sum + file.sizeBytes, 0), files: this.files.length };
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
      await handle?.close();
    }
  }

  async #doing<T>(action: Promise<T>): Promise<T> {
    try {
      return await action;
    } catch (error) {
      const failure = error as FileFailure;
      throw packIoError(error, failure.path ?? this.target.path, 'write');
    }
  }
}
