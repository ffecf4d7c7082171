import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import type { Engine } from '../engine/connect-engine.ts';
import { labelKeys } from '../engine/labels.ts';
import { readAnswer } from '../engine/read-answer.ts';
import { translateEngineError } from '../engine/translate-error.ts';
import type { Work } from '../work.ts';
import type { NodeProgram } from './node-program.ts';
import { programFiles } from './program-files.ts';

/** The name and the labels of an image to make. */
export interface ImageName {
  reference: string;
  labels: Record<string, string>;
}

/** Makes the container's hosts file come first, whatever its C library's default is. */
const nameOrder = 'hosts: files dns\n';

/**
 * Makes the image of the SIMULATED gateway in the engine from this machine's own Node, the libraries that it needs, and the built
 * stand-in: the app below `/app`, the rest at the same path as here. Streamed once, never on disk. After an abort the engine
 * has no image.
 */
export async function makeGatewayImage(
  engine: Engine,
  { reference, labels }: ImageName,
  { node, libraries }: NodeProgram,
  workers: string,
  { signal }: Work,
): Promise<void> {
  const entry = join(workers, 'simulated-gateway-container.js');
  const files = [node, ...libraries, ...(await programFiles(entry))];
  const placed = new Map(files.map((file) => [file, placeInImage(file, dirname(dirname(workers)))]));
  const settings = {
    // With its tag: Podman does not look at a tag of its own.
    repo: reference,
    changes: [
      `ENTRYPOINT ${JSON.stringify([placed.get(node), placed.get(entry)])}`,
      `ENV PATH=${dirname(placed.get(node) ?? node)}`,
      ...Object.entries({ ...labels, [labelKeys.simulated]: 'true' }).map(([key, value]) => `LABEL ${key}=${value}`),
    ],
  };
  const out = new PassThrough({ highWaterMark: 1024 * 1024 });
  const stop = new AbortController();
  const written = writeArchive(placed, out, signal);
  // A truncated archive must not look complete, so its request is aborted with it.
  written.catch(() => stop.abort());
  try {
    const answer = await engine.docker.importImage(out, { ...settings, abortSignal: stop.signal });
    await readAnswer(answer, stop.signal);
    await written;
  } catch (thrown) {
    out.destroy();
    signal.throwIfAborted();
    if (stop.signal.aborted) await written;
    throw translateEngineError(thrown, {
      address: engine.address,
      doing: `make the image ${reference}`,
      dataRoot: engine.dataRoot,
    });
  }
}

/** Moves the app to `/app`, because a checkout may be below `/tmp`, which the container covers with a tmpfs. */
function placeInImage(file: string, app: string): string {
  return file.startsWith(`${app}/`) ? `/app${file.slice(app.length)}` : file;
}

async function writeArchive(placed: Map<string, string>, out: PassThrough, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const tar = pack();
  const flowing = pipeline(tar, out, { signal });
  const writing = async () => {
    for (const folder of foldersOf([...placed.values(), '/etc/nsswitch.conf']))
      entryOf(tar, { name: `${folder.slice(1)}/`, type: 'directory', mode: 0o755 });
    entryOf(tar, { name: 'etc/nsswitch.conf', mode: 0o644, size: nameOrder.length }).end(nameOrder);
    for (const [file, place] of placed) await writeFile(tar, file, place, signal);
    tar.finalize();
  };
  await Promise.all([writing(), flowing]);
}

async function writeFile(tar: Pack, path: string, place: string, signal: AbortSignal): Promise<void> {
  const { size } = await stat(path);
  const entry = entryOf(tar, { name: place.slice(1), size, mode: 0o755, mtime: new Date(0) });
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024, signal }))
    if (!entry.write(chunk)) await once(entry, 'drain', { signal });
  entry.end(null);
}

// The archive's own error is the one that counts; it also ends its entries.
function entryOf(tar: Pack, header: Parameters<Pack['entry']>[0]): ReturnType<Pack['entry']> {
  return tar.entry(header).on('error', () => undefined);
}

function foldersOf(files: string[]): string[] {
  const found = new Set<string>();
  for (const file of files)
    for (let folder = dirname(file); folder !== '/'; folder = dirname(folder)) found.add(folder);
  return [...found].sort();
}
