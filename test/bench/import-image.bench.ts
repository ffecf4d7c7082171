// Our import of an image from two media, against a pull from Debian's docker-registry and `sha256sum` + `docker load` of its tar:
// `npm run bench -- import-image --size 1GB`. Needs a running dockerd, docker-registry and skopeo.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ImageInRegistry } from './image-in-registry.ts';
import { benchOptions, compare } from './measure.ts';

const { sizeBytes, rounds } = benchOptions(process.argv.slice(2), { sizeBytes: 100e6, rounds: 3 });
const folder = mkdtempSync(join(tmpdir(), 'sealift-bench-'));
const at = (name: string) => join(folder, name);
const sealift = (...args: string[]) =>
  execFileSync(process.execPath, [resolve('out/main/cli.js'), '--home', at('home'), ...args], { encoding: 'utf8' });

const image = await ImageInRegistry.make(folder, sizeBytes);
const { reference, pullName } = image;
try {
  pack();
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
  image.close();
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
  const packed = JSON.parse(
    sealift('bundle', 'pack', at('BUNDLE.yaml'), '--accept-licence', ...to, ...medium, '--no-read-back', '--json'),
  );
  if (packed.data.media.length !== 2) throw new Error('the image does not lie on two media');
  sealift('key', 'trust', packed.data.fingerprint);
}

function clear(): void {
  rmSync(at('home/store'), { recursive: true, force: true });
  image.removeFromEngine();
  execFileSync('sync');
}
