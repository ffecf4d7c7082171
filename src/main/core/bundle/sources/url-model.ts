import type { UrlModelSpec } from '../../../../shared/bundle-spec.ts';
import { digestOf as sha256Of } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { sha256Hex } from '../../files/sha256.ts';
import { allBytes, RemoteBytes, shortUrl } from '../../remote/remote-bytes.ts';
import { type ContentSource, placeOf, sourceText } from './content-source.ts';
import { refuseTwins } from './file-set.ts';
import { maxSmallBytes } from './hub.ts';
import { weightHead } from './hub-sketch.ts';
import { finishModel, perFileBytes, roleOf } from './model.ts';
import { openUrl } from './remote-file.ts';
import { keepFetched, type RemoteSources } from './remote-sources.ts';
import { judgeSketch, makeSketch } from './sketch.ts';

type UrlFile = Awaited<ReturnType<typeof openUrl>>;

/**
 * Opens a model whose files have an address and a SHA-256 each, judged like a folder. The weights are fetched while packing. Pickles are
 * taken, since each file is named. Throws `remote.*`, `pack.unfit-name`, and what a folder is refused for.
 */
export async function openUrlModel(spec: UrlModelSpec, remote: RemoteSources): Promise<ContentSource> {
  const files: UrlFile[] = [];
  for (const one of spec.urls) files.push(await openUrl(one, remote));
  const parts = files.map(({ name, blob }) => {
    return { name, key: blob.key, sizeBytes: blob.range.sizeBytes, place: placeOf(blob) };
  });
  refuseTwins(spec.name, parts);
  const fetched = new Map<string, Buffer>();
  const sketch = await makeSketch(
    files.map((file) => ({
      name: file.name,
      sizeBytes: file.blob.range.sizeBytes,
      head: () => headOf(file, remote, fetched),
    })),
  );
  try {
    const judged = await judgeSketch(spec, sketch.folder, `the urls of ${spec.name}`);
    const kept = new Set(judged.files.map(({ name }) => name));
    const blobs = files.filter(({ name }) => kept.has(name)).map((file) => blobOf(file, fetched));
    const packed = parts.filter(({ name }) => kept.has(name));
    return {
      kind: 'model',
      name: spec.name,
      source: sourceText(`files: ${blobs.map(placeOf).join(', ')}`),
      origins: blobs.map((blob) => ({ url: placeOf(blob), digest: blob.digest })),
      ...(spec.licence && { licence: spec.licence }),
      ...(judged.packedAnyway && { packedAnyway: judged.packedAnyway }),
      isPublisherDigest: false,
      blobs,
      roots: [],
      madeBytes: 4096 + packed.length * perFileBytes,
      notes: judged.notes,
      finish: (digestOf) => finishModel({ spec, files: packed, served: judged.served }, digestOf),
    };
  } finally {
    await sketch.remove();
  }
}

function blobOf({ name, blob }: UrlFile, kept: Map<string, Buffer>): UrlFile['blob'] {
  const fetched = kept.get(name);
  return { ...blob, range: { ...blob.range, ...(fetched && { fetched }) } };
}

/** Small files whole and verified, and the headers of weights. */
async function headOf({ name, blob }: UrlFile, remote: RemoteSources, fetched: Map<string, Buffer>): Promise<Buffer> {
  remote.signal.throwIfAborted();
  const { range, access, digest } = blob;
  const host = remote.hosts.at(access);
  const { sizeBytes } = range;
  if (roleOf(name) === 'weight' || sizeBytes > maxSmallBytes)
    return weightHead(new RemoteBytes(host, range, remote), { name, sizeBytes });
  const bytes = await allBytes(host, range, remote);
  const found = sha256Of(sha256Hex(bytes));
  if (found !== digest) throw appError('remote.wrong-bytes', { url: shortUrl(range.url), expected: digest, found });
  keepFetched(fetched, name, bytes, remote);
  return bytes;
}
