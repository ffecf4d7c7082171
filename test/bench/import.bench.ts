// Our import of an image and a weight file, against the commands that people use: `npm run bench -- import --size 300MB --weights 1.5GB`, the
// size being that of the image. Needs a running dockerd, docker-registry and skopeo.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ImageInRegistry } from './image-in-registry.ts';
import { benchOptions, compare } from './measure.ts';
import { writeWeights } from './write-weights.ts';

const options = benchOptions(process.argv.slice(2), { sizeBytes: 300e6, rounds: 3 });
const { sizeBytes, rounds, weightsBytes = sizeBytes } = options;
const folder = mkdtempSync(join(tmpdir(), 'sealift-bench-'));
const at = (name: string) => join(folder, name);
const sealift = (...args: string[]) =>
  execFileSync(process.execPath, [resolve('out/main/cli.js'), '--home', at('home'), ...args], { encoding: 'utf8' });

const image = await ImageInRegistry.make(folder, sizeBytes);
try {
  writeWeights(at('weights.bin'), weightsBytes);
  pack();
  const env = { CLI: resolve('out/main/cli.js'), NODE: process.execPath, DIR: folder, PULL: image.pullName };
  const pull = 'docker pull --quiet "$PULL"';
  const copy = 'cp "$DIR/weights.bin" "$DIR/copy"; sync "$DIR/copy"; sha256sum "$DIR/copy"';
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  const fastest = compare(
    `Import of an image (${megabytes(sizeBytes)} as gzip layers) and a weight file (${megabytes(weightsBytes)}); bytes and CPU time are those of the command, not of the engine`,
    [
      { name: 'docker pull, cp, sync, sha256sum', prepare: clear, env, script: `${pull}; ${copy}` },
      { name: 'docker pull alone', prepare: clear, env, script: pull },
      {
        name: 'sealift import',
        prepare: clear,
        env,
        script: '"$NODE" "$CLI" --home "$DIR/home" import "$DIR/medium" --json',
      },
    ],
    rounds,
  );
  const ratio = (name: string) => (fastest.get(name) ?? 0).toFixed(2);
  console.log(
    `By the fastest runs, the import took ${ratio('sealift import')} of the reference, and the engine's pull alone, which the import contains, ${ratio('docker pull alone')}.`,
  );
} finally {
  image.close();
  rmSync(folder, { recursive: true, force: true });
}

function pack(): void {
  const contents = [
    `{kind: image, path: layout, reference: "${image.reference}"}`,
    '{kind: model, name: bench, path: weights.bin}',
  ];
  writeFileSync(at('BUNDLE.yaml'), `bundle: 1\nname: bench\ncontents: [${contents.join(', ')}]\n`);
  sealift('key', 'new', 'bench');
  const to = ['--to', at('medium'), '--no-read-back', '--json'];
  const packed = JSON.parse(sealift('bundle', 'pack', at('BUNDLE.yaml'), '--accept-licence', ...to));
  sealift('key', 'trust', packed.data.fingerprint);
}

function clear(): void {
  rmSync(at('home/store'), { recursive: true, force: true });
  rmSync(at('copy'), { force: true });
  image.removeFromEngine();
  execFileSync('sync');
}
