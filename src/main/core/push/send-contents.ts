import { AppError } from '../../../shared/errors/app-error.ts';
import type { BlobAtHand } from '../import/images/image-blobs.ts';
import type { RemoteAccess } from '../remote/remote-access.ts';
import { RemoteHost } from '../remote/remote-host.ts';
import type { AttachedManifest } from './attached-manifests.ts';
import { pushError } from './push-error.ts';
import type { Place } from './push-target.ts';
import { SiteRegistry } from './site-registry.ts';
import { type UploadedBytes, type UploadTools, uploadBlob } from './upload-blob.ts';
import { Uploads } from './uploads.ts';

/** One content as plain data: the blobs that its repository lacks, and its manifest unless more than those is missing. */
export interface ContentToSend {
  place: Place;
  reference: string;
  blobs: { digest: string; sizeBytes: number; at: BlobAtHand | undefined }[];
  manifest?: { bytes: Uint8Array; mediaType: string };
  /** What is attached to it, if the manifest is to be sent. */
  attached?: AttachedManifest[];
}

/** What the thread is given. The login in `access` is never stored. */
export interface SendPlan {
  access: RemoteAccess;
  /** Folder of the records of uploads. */
  pushes: string;
  contents: ContentToSend[];
  /** Repositories of the registry that have blobs, by digest. */
  placed: Map<string, string>;
}

export type SendEvent = { type: 'sent'; bytes: number; item: string } | { type: 'said'; line: string };

/** What was sent, and in words what the registry refused of what is attached to images. */
export interface SentContents extends UploadedBytes {
  refused: string[];
}

/**
 * Sends contents one after another: blobs, then the manifest. A registry that refuses what is attached to an image gets the image. Throws `push.*`, `remote.busy`, what damage throws, and the signal's reason.
 */
export async function sendContents(
  plan: SendPlan,
  signal: AbortSignal,
  emit: (event: SendEvent) => void,
): Promise<SentContents> {
  const { access, contents, placed } = plan;
  const host = new RemoteHost(access);
  const registry = new SiteRegistry(host, { signal, say: (line) => emit({ type: 'said', line }) });
  const total: SentContents = { sentBytes: 0, resumedBytes: 0, refused: [] };
  try {
    const uploads = await Uploads.read(plan.pushes, access.origin);
    for (const content of contents) {
      const tools = { registry, uploads, signal, host: host.host };
      add(total, await sendBlobs(content, placed, tools, emit));
      const { manifest, place } = content;
      if (!manifest) continue;
      signal.throwIfAborted();
      // First, so that whoever finds the tag finds what is attached to it.
      total.refused.push(...(await sendAttached(content, registry, signal)));
      await registry.putManifest(place, { ...manifest, bytes: Buffer.from(manifest.bytes) });
    }
    return total;
  } catch (thrown) {
    throw pushError(thrown);
  } finally {
    await host.close();
  }
}

/** Some registries take only the types that they know. */
async function sendAttached(
  { place: { repository }, reference, attached = [] }: ContentToSend,
  registry: SiteRegistry,
  signal: AbortSignal,
): Promise<string[]> {
  const refused: string[] = [];
  for (const { digest, what, mediaType, artifactType, tag = digest, subject, bytes = new Uint8Array() } of attached) {
    signal.throwIfAborted();
    try {
      const hasApi = await registry.putManifest({ repository, tag }, { mediaType, bytes: Buffer.from(bytes) });
      const row = { mediaType, digest, size: bytes.length, ...(artifactType !== undefined && { artifactType }) };
      if (subject !== undefined && !hasApi) await registry.addReferrer(repository, subject, row);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'push.refused') throw error;
      refused.push(`${what} of ${reference}: ${error.wire.details.answer}`);
    }
  }
  return refused;
}

async function sendBlobs(
  { place: { repository }, blobs, reference }: ContentToSend,
  placed: Map<string, string>,
  tools: Omit<UploadTools, 'onOffset'>,
  emit: (event: SendEvent) => void,
): Promise<UploadedBytes> {
  const total: UploadedBytes = { sentBytes: 0, resumedBytes: 0 };
  for (const { digest, sizeBytes, at } of blobs) {
    const from = placed.get(digest);
    if (!at && from === undefined) continue;
    let told = 0;
    const onOffset = (offsetBytes: number) => {
      // A blob that is taken over is no part of what was announced.
      if (from === undefined && offsetBytes > told) emit({ type: 'sent', bytes: offsetBytes - told, item: reference });
      told = Math.max(told, offsetBytes);
    };
    const blob = { digest, sizeBytes, at };
    add(total, await uploadBlob({ blob, repository, from }, { ...tools, onOffset }));
    placed.set(digest, repository);
  }
  return total;
}

function add(total: UploadedBytes, more: UploadedBytes): void {
  total.sentBytes += more.sentBytes;
  total.resumedBytes += more.resumedBytes;
}
