import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Engine } from '../../src/main/core/engine/connect-engine.ts';
import { localImage } from './local-image.ts';

const busyboxPath = '/bin/busybox';

/** True when a static busybox can be put into an image. */
export function busyboxIsThere(): boolean {
  try {
    return readFileSync(busyboxPath).length > 0;
  } catch {
    return false;
  }
}

/** Puts a busybox image that runs `sh -c <script>` into the engine; gives its local ID. `config` goes into the image's. Remove it by its reference. */
export async function busyboxImage(
  engine: Engine,
  reference: string,
  script: string,
  config: Record<string, unknown> = {},
): Promise<string> {
  const busybox = await readFile(busyboxPath);
  const files = { 'bin/busybox': busybox, 'bin/sh': busybox, 'tmp/.keep': Buffer.alloc(0) };
  return localImage(engine, reference, files, { Cmd: ['/bin/busybox', 'sh', '-c', script], ...config });
}
