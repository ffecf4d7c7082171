import { appError } from '../../../../shared/errors/app-error.ts';
import { Inflater } from '../../bundle/format/inflater.ts';
import type { PlannedImage } from '../../bundle/read/planned-image.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { storeKindOf } from '../../engine/image-identity.ts';
import { engineFilesystem, honestBytes, unpackedBytes } from './engine-space.ts';
import type { RegistryContent } from './loopback-registry.ts';

/**
 * Returns the content of an image that is to be loaded, which throws `engine.image-expands` before it is read to its end if it takes more than
 * the engine's filesystem has. That is for the containerd store only, which keeps what it has unpacked for a day when a load is cancelled
 * (seen on Docker 28.5). The layers are inflated beside, to be counted; zstd that Node cannot unpack counts as it is.
 */
export async function measured(
  engine: Engine,
  image: PlannedImage,
  content: RegistryContent,
): Promise<RegistryContent> {
  const filesystem = await engineFilesystem(engine);
  if (!filesystem || storeKindOf(engine.info) !== 'containerd') return content;
  const { dataRoot } = engine;
  const { reference } = image;
  const expectedBytes = unpackedBytes(image, 0);
  const mostBytes = Math.max(filesystem.freeBytes - filesystem.reserveBytes, honestBytes(expectedBytes));
  let takenBytes = 0;
  const take = (bytes: number) => {
    takenBytes += bytes;
    if (takenBytes <= mostBytes) return;
    throw appError('engine.image-expands', { reference, dataRoot, takenBytes, expectedBytes, leftBytes: 0 });
  };
  return {
    manifest: (digest) => content.manifest(digest),
    blob: (digest) => {
      const blob = content.blob(digest);
      return blob && { sizeBytes: blob.sizeBytes, read: (signal) => inflatedBeside(blob.read(signal), take) };
    },
  };
}

type Take = (bytes: number) => void;

/** Takes each chunk as it is and inflated before it is passed on. */
async function* inflatedBeside(chunks: AsyncIterable<Buffer>, take: Take): AsyncGenerator<Buffer> {
  let inflater: Inflater | undefined;
  try {
    for await (const chunk of chunks) {
      take(chunk.length);
      inflater ??= new Inflater(chunk, (piece) => take(piece.length));
      await inflater.push(chunk);
      yield chunk;
    }
  } finally {
    inflater?.close();
  }
}
