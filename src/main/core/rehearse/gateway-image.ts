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
import type { Work } from '../jobs/work.ts';
import type { NodeProgram } from './node-program.ts';
import { programFiles } from './program-files.ts';

/** What a made image is called and which labels it carries. */
export interface ImageName {
  reference: string;
  labels: Record<string, string>;
}

/** Names of the container's hosts file come first, whatever its C library would do by itself. */
const nameOrder = 'hosts: files dns\n';

/**
 * Makes the image of the SIMULATED gateway in the engine, from nothing but this machine's own Node, the libraries that it needs, and the
 * built stand-in: the app below `/app`, the rest at the path that it has here. Streamed once, never on disk. After an abort the engine
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
  const colon = reference.lastIndexOf(':');
  const settings = {
    repo: reference.slice(0, colon),
    tag: reference.slice(colon + 1),
    changes: [
      `ENTRYPOINT ${JSON.stringify([placed.get(node), placed.get(entry)])}`,
      `ENV PATH=${dirname(placed.get(node) ?? node)}`,
      ...Object.entries({ ...labels, [labelKeys.simulated]: 'true' }).map(([key, value]) => `LABEL ${key}=${value}`),
    ],
  };
  const out = new PassThrough({ highWaterMark: 1024 * 1024 });
  const stop = new AbortController();
  const written = writeArchive(placed, out, signal);
  // An archive that is cut must not look finished: the request is torn down with it.
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

/** A checkout may lie below `/tmp`, over which the container has a memory of its own: the app gets a place that nothing covers. */
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

// The archive's own failure is the one that counts; it ends its entries too.
function entryOf(tar: Pack, header: Parameters<Pack['entry']>[0]): ReturnType<Pack['entry']> {
  return tar.entry(header).on('error', () => undefined);
}

function foldersOf(files: string[]): string[] {
  const found = new Set<string>();
  for (const file of files)
    for (let folder = dirname(file); folder !== '/'; folder = dirname(folder)) found.add(folder);
  return [...found].sort();
}
