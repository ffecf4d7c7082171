import { basename, dirname } from 'node:path';
import { type AppError, appError } from '../../../../shared/errors/app-error.ts';
import { type OutsideJson, readOutsideJson } from '../../files/outside-json.ts';
import { isFolder } from '../../files/path-exists.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { judgeNotices, readKeyBook } from '../../signing/judge-key.ts';
import { checkHeadPayload } from '../format/check-payload.ts';
import { type HeadPayload, headPayload, headPayloadType } from '../format/format.ts';
import { type InventorySite, inventory, inventoryKind, maxInventoryBytes } from '../format/inventory.ts';
import type { HeldContent } from './held-blobs.ts';
import { openMedia } from './open-media.ts';
import { type ReadEnvelope, readEnvelope } from './read-envelope.ts';

/** What a site has or a bundle carries, and which file says so. */
export interface Held {
  kind: 'bundle' | 'inventory';
  /** Of a bundle. */
  id?: string;
  name?: string;
  /** When the bundle was packed, or the inventory was taken. */
  created: string;
  /** SHA-256 (hex) of the head's envelope, or of the inventory. */
  sha256: string;
  contents: HeldContent[];
  /** Of an inventory that has it. */
  site?: InventorySite;
}

/** Whom to believe about bundles. */
export interface HeldTrust {
  trustFile: string;
  /** Fingerprints (hex) of this data folder's own keys. */
  ownKeyIds: readonly string[];
}

/**
 * Reads the media of a bundle (a folder, the one with the head is enough), its head (`bundle.json`) or an inventory. A bundle must be
 * signed by a trusted key. An inventory is not signed: an import proves each blob that was left out because of it. Throws
 * `bundle.*`, `bundle.no-head`, `inventory.invalid`.
 */
export async function readHeld(path: string, trust: HeldTrust): Promise<Held> {
  if (await isFolder(path)) return heldByMedia(path, trust);
  const read = await readSide(path);
  const { kind, payload } = (read.data ?? {}) as { kind?: unknown; payload?: unknown };
  if (kind === inventoryKind) return heldByInventory(read);
  if (payload === undefined)
    throw inventoryError(path, ['it has neither a signed payload nor the kind of an inventory']);
  return heldByHead(await readHead(path, trust));
}

async function heldByMedia(path: string, { trustFile, ownKeyIds }: HeldTrust): Promise<Held> {
  const { head, media } = await openMedia([path], trustFile, { ownKeyIds });
  if (head) return heldByHead(head);
  throw appError('bundle.no-head', { labels: media.map((one) => one.label) });
}

async function readHead(path: string, { trustFile, ownKeyIds }: HeldTrust): Promise<ReadEnvelope<HeadPayload>> {
  const { book } = judgeNotices(await readKeyBook(trustFile), []);
  const kind = { payloadType: headPayloadType, schema: headPayload };
  const head = await readEnvelope(dirname(path), basename(path), kind, { book, ownKeyIds });
  if (!head) throw appError('file.missing', { path, what: 'The bundle.json' });
  checkHeadPayload(head.payload, path);
  return head;
}

function heldByHead({ payload, sha256 }: ReadEnvelope<HeadPayload>): Held {
  const { id, name, created, contents } = payload;
  return { kind: 'bundle', id, name, created, sha256, contents };
}

function readSide(path: string): Promise<OutsideJson> {
  return readOutsideJson(path, {
    what: 'The bundle.json or inventory',
    limitBytes: maxInventoryBytes,
    limits: { depth: 8, values: 4_000_000 },
    refuse: (issues) => inventoryError(path, issues),
  });
}

function inventoryError(path: string, issues: string[]): AppError {
  return appError('inventory.invalid', { path, issues });
}

function heldByInventory(read: OutsideJson): Held {
  const { createdAt, contents, site } = read.as(inventory);
  return { kind: 'inventory', created: createdAt, sha256: sha256Hex(read.bytes), contents, ...(site && { site }) };
}
