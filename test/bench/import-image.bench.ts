// Our import of an image from two media, against a pull from Debian's docker-registry and `sha256sum` + `docker load` of its tar:
// `npm run bench -- import-image --size 1GB`. Needs a running dockerd, docker-registry and skopeo.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ociLayout, writeTree } from '../scenes/make-sources.ts';
import { smallImage } from '../scenes/small-image.ts';
import { benchOptions, compare } from './measure.ts';

const { sizeBytes, rounds } = benchOptions(process.argv.slice(2), { sizeBytes: 100e6, rounds: 3 });
const folder = mkdtempSync(join(tmpdir(), 'sealift-bench-'));
const at = (name: string) => join(folder, name);
const reference = `sealift-img-test-bench/image-${randomBytes(4).toString('hex')}:1`;
const layerCount = 4;
/** Programs compress to about a third: so do these layers. */
const compressesTo = 1 / 3;
const sealift = (...args: string[]) =>
  execFileSync(process.execPath, [resolve('out/main/cli.js'), '--home', at('home'), ...args], { encoding: 'utf8' });

const image = await smallImage(
  Array.from({ length: layerCount }, (_, index) => ({ [`data-${index}`]: layerBytes(sizeBytes / layerCount) })),
);
const port = await freePort();
const pullName = `127.0.0.1:${port}/bench@${image.manifest.digest}`;
const registry = startRegistry(port);
try {
  const files = {
    config: image.config.bytes,
    layers: image.layers.map((one) => one.bytes),
    manifest: image.manifest.bytes,
  };
  await writeTree(at('layout'), ociLayout([{ image: files }]));
  pack();
  execFileSync(
    'skopeo',
    ['copy', '--dest-tls-verify=false', `oci:${at('layout')}:bench`, `docker://127.0.0.1:${port}/bench:1`],
    { stdio: 'ignore' },
  );
  execFileSync('docker', ['pull', '--quiet', pullName], { stdio: 'ignore' });
  execFileSync('docker', ['tag', pullName, reference]);
  execFileSync('docker', ['save', '--output', at('image.tar'), reference]);
  const env = { CLI: resolve('out/main/cli.js'), NODE: process.execPath, DIR: folder, PULL: pullName };
  const isCompressed = `${(sizeBytes / 1e6).toFixed(0)} MB as gzip layers`;
  compare(
    `Import of an image, ${isCompressed}, into dockerd; bytes are those of the command, not of the engine`,
    [
      { name: 'docker pull from docker-registry', prepare: clear, env, script: 'docker pull --quiet "$PULL"' },
      {
        name: 'sha256sum, docker load of its tar',
        prepare: clear,
        env,
        script: 'sha256sum "$DIR/image.tar"; docker load --quiet --input "$DIR/image.tar"',
      },
      {
        name: 'sealift import from two media',
        prepare: clear,
        env,
        script: '"$NODE" "$CLI" --home "$DIR/home" import "$DIR/a" "$DIR/b" --json',
      },
    ],
    rounds,
  );
} finally {
  clear();
  registry.kill();
  rmSync(folder, { recursive: true, force: true });
}

function pack(): void {
  writeFileSync(
    at('BUNDLE.yaml'),
    `bundle: 1\nname: bench\ncontents: [{kind: image, path: layout, reference: "${reference}"}]\n`,
  );
  sealift('key', 'new', 'bench');
  const medium = ['--medium-size', String(Math.ceil(sizeBytes * 0.7))];
  const to = ['--to', at('a'), '--to', at('b')];
  const packed = JSON.parse(sealift('bundle', 'pack', at('BUNDLE.yaml'), ...to, ...medium, '--no-read-back', '--json'));
  if (packed.data.media.length !== 2) throw new Error('the image does not lie on two media');
  sealift('key', 'trust', packed.data.fingerprint);
}

function clear(): void {
  rmSync(at('home/store'), { recursive: true, force: true });
  for (const name of [reference, pullName, image.config.digest]) {
    try {
      execFileSync('docker', ['image', 'rm', '--force', name], { stdio: 'ignore' });
    } catch {
      // It was not there.
    }
  }
  execFileSync('sync');
}

function layerBytes(compressedBytes: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(compressedBytes / compressesTo), 'sealift ');
  const blockBytes = 4096;
  const random = Math.floor(blockBytes * compressesTo);
  for (let from = 0; from + random <= bytes.length; from += blockBytes) randomBytes(random).copy(bytes, from);
  return bytes;
}

function startRegistry(onPort: number) {
  const config = `version: 0.1\nstorage: {filesystem: {rootdirectory: ${at('registry')}}}\nhttp: {addr: "127.0.0.1:${onPort}"}\n`;
  writeFileSync(at('registry.yml'), config);
  return spawn('docker-registry', ['serve', at('registry.yml')], { stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port: free } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  await sleep(10);
  return free;
}
