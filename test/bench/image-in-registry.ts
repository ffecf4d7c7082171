import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ociLayout, writeTree } from '../scenes/make-sources.ts';
import { smallImage } from '../scenes/small-image.ts';

const layerCount = 4;
/** Programs compress to about a third: so do these layers. */
const compressesTo = 1 / 3;

/** An image as an OCI layout (`<folder>/layout`) and in a docker-registry of its own. */
export class ImageInRegistry {
  readonly reference = `sealift-img-test-bench/image-${randomBytes(4).toString('hex')}:1`;
  /** Its name in the registry, by digest. */
  readonly pullName: string;
  readonly #id: string;
  readonly #registry: ChildProcess;

  private constructor(pullName: string, id: string, registry: ChildProcess) {
    this.pullName = pullName;
    this.#id = id;
    this.#registry = registry;
  }

  /** Makes an image of so many bytes in gzip layers. Needs docker-registry and skopeo. */
  static async make(folder: string, sizeBytes: number): Promise<ImageInRegistry> {
    const bytes = sizeBytes / layerCount;
    const layers = Array.from({ length: layerCount }, (_, index) => ({ [`data-${index}`]: layerBytes(bytes) }));
    const { manifest, config, layers: blobs } = await smallImage(layers);
    const image = { config: config.bytes, layers: blobs.map((one) => one.bytes), manifest: manifest.bytes };
    await writeTree(join(folder, 'layout'), ociLayout([{ image }]));
    const address = `127.0.0.1:${await freePort()}`;
    const registry = startRegistry(folder, address);
    const made = new ImageInRegistry(`${address}/bench@${manifest.digest}`, config.digest, registry);
    try {
      while (registry.exitCode === null && !(await fetch(`http://${address}/v2/`).catch(() => undefined)))
        await sleep(20);
      const from = `oci:${join(folder, 'layout')}`;
      const to = ['--dest-tls-verify=false', from, `docker://${address}/bench:1`];
      execFileSync('skopeo', ['--insecure-policy', 'copy', ...to], { stdio: 'pipe' });
      return made;
    } catch (thrown) {
      made.close();
      throw thrown;
    }
  }

  /** Removes it from the engine. */
  removeFromEngine(): void {
    for (const name of [this.reference, this.pullName, this.#id]) {
      try {
        execFileSync('docker', ['image', 'rm', '--force', name], { stdio: 'ignore' });
      } catch {
        // It was not there.
      }
    }
  }

  close(): void {
    this.removeFromEngine();
    this.#registry.kill();
  }
}

function layerBytes(compressedBytes: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(compressedBytes / compressesTo), 'sealift ');
  const blockBytes = 4096;
  const random = Math.floor(blockBytes * compressesTo);
  for (let from = 0; from + random <= bytes.length; from += blockBytes) randomBytes(random).copy(bytes, from);
  return bytes;
}

function startRegistry(folder: string, address: string): ChildProcess {
  const storage = `{filesystem: {rootdirectory: ${join(folder, 'registry')}}}`;
  const path = join(folder, 'registry.yml');
  writeFileSync(path, `version: 0.1\nstorage: ${storage}\nhttp: {addr: "${address}"}\n`);
  return spawn('docker-registry', ['serve', path], { stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}
