import { appError } from '../../../shared/errors/app-error.ts';
import type { BlobAtHand } from '../import/images/image-blobs.ts';
import { blobChunks } from './blob-chunks.ts';
import type { SiteRegistry, Upload } from './site-registry.ts';
import type { Uploads } from './uploads.ts';

/** A blob, the repository that it goes to, and maybe another one of the registry that has it. It can be read, or the other one has it. */
export interface BlobWay {
  blob: { digest: string; sizeBytes: number; at: BlobAtHand | undefined };
  repository: string;
  from?: string | undefined;
}

/** What an upload works with. */
export interface UploadTools {
  registry: SiteRegistry;
  uploads: Uploads;
  signal: AbortSignal;
  host: string;
  /** Gets how far the blob is, which only grows. */
  onOffset(offsetBytes: number): void;
}

/** Bytes of one blob by the way they took. */
export interface UploadedBytes {
  sentBytes: number;
  resumedBytes: number;
}

/** Docker's registry forgets an upload whose connection broke within a piece. */
const mostStarts = 6;
/** How long a piece may still take after the work was cancelled: an upload that ends between two pieces can be continued. */
const graceMs = 20_000;

/**
 * Puts a blob into a repository: taken over from another one, continued where an earlier run was interrupted, or sent from its start. Throws
 * `remote.*`, `push.*`, what damage throws, and the signal's reason.
 */
export async function uploadBlob(way: BlobWay, tools: UploadTools): Promise<UploadedBytes> {
  const { registry, uploads, signal } = tools;
  const { digest } = way.blob;
  const what = `${way.repository}@${digest}`;
  let upload = await earlierUpload(what, tools);
  const bytes = { sentBytes: 0, resumedBytes: upload?.offsetBytes ?? 0 };
  for (let starts = 0; starts < mostStarts; starts += 1) {
    signal.throwIfAborted();
    upload ??= await registry.start(way.repository, digest, starts === 0 ? way.from : undefined);
    if (!upload) return bytes;
    await uploads.keep(what, upload.url);
    const isWhole = upload.offsetBytes === 0;
    const end = await sendFrom(upload, way, tools, bytes);
    const result = end ? await registry.finish(end, way.repository, digest) : 'gone';
    await uploads.drop(what);
    if (result === 'done') return bytes;
    if (result === 'wrong' && isWhole && end)
      throw appError('push.refused', { host: tools.host, what, answer: 'it received other bytes than were sent' });
    upload = undefined;
  }
  throw appError('push.upload-lost', { host: tools.host, what, times: mostStarts });
}

/**
 * What an earlier run began; undefined when it cannot be continued, for whatever reason. Its address may have expired, or its host be gone,
 * while the registry takes a new upload. If more is wrong, starting that one says so.
 */
async function earlierUpload(what: string, { registry, uploads, signal }: UploadTools): Promise<Upload | undefined> {
  const known = uploads.url(what);
  if (known === undefined) return undefined;
  const upload = await registry.status(known, what).catch(() => undefined);
  signal.throwIfAborted();
  if (!upload) await uploads.drop(what);
  return upload;
}

/** Undefined when the registry forgot the upload. */
async function sendFrom(
  start: Upload,
  { blob, repository }: BlobWay,
  { registry, uploads, signal, host, onOffset }: UploadTools,
  bytes: UploadedBytes,
): Promise<Upload | undefined> {
  const what = `${repository}@${blob.digest}`;
  const late = lateSignal(signal);
  try {
    let upload: Upload | undefined = start;
    onOffset(start.offsetBytes);
    const onSent = (count: number, offsetBytes: number) => {
      bytes.sentBytes += count;
      onOffset(offsetBytes);
    };
    // A registry that takes nothing over from another repository has to be sent what only that has.
    if (!blob.at) throw appError('push.not-taken-over', { host, what });
    for await (const { data } of blobChunks(blob.at, start.offsetBytes, signal)) {
      upload = await registry.send(upload, { data, until: late.signal, onSent }, what);
      if (!upload) return undefined;
      await uploads.keep(what, upload.url);
    }
    return upload;
  } finally {
    late.close();
  }
}

function lateSignal(signal: AbortSignal): { signal: AbortSignal; close(): void } {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => late.abort(signal.reason), graceMs);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: late.signal,
    close: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}
