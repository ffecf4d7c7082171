import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Engine } from '../../src/main/core/engine/connect-engine.ts';
import { loadImage } from '../../src/main/core/import/load-image.ts';
import { quietWork } from '../../src/main/core/jobs/work.ts';
import { manifestType, smallImage } from './small-image.ts';

const busyboxPath = '/bin/busybox';

/** True when a static busybox can be put into an image. */
export function busyboxIsThere(): boolean {
  try {
    return readFileSync(busyboxPath).length > 0;
  } catch {
    return false;
  }
}

/** Puts a busybox image that runs `sh -c <script>` into the engine; gives its local ID. Remove it by its reference. */
export async function busyboxImage(engine: Engine, reference: string, script: string): Promise<string> {
  const busybox = await readFile(busyboxPath);
  const files = { 'bin/busybox': busybox, 'bin/sh': busybox, 'tmp/.keep': Buffer.alloc(0) };
  const image = await smallImage([files], { Cmd: ['/bin/busybox', 'sh', '-c', script] });
  const blobs = new Map([image.config, ...image.layers].map((blob) => [blob.digest, blob.bytes]));
  const content = {
    manifest: () => ({ bytes: image.manifest.bytes, mediaType: manifestType }),
    blob: (digest: string) => {
      const bytes = blobs.get(digest) ?? Buffer.alloc(0);
      return {
        sizeBytes: bytes.length,
        async *read() {
          yield bytes;
        },
      };
    },
  };
  const identity = { reference, manifestDigest: image.manifest.digest, configDigest: image.config.digest };
  return (await loadImage(engine, content, identity, quietWork())).imageId;
}
