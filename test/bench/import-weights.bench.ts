// Our import of one weight file, against a plain copy that is then hashed: `npm run bench -- import-weights --size 1GB`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { benchOptions, compare } from './measure.ts';
import { writeWeights } from './write-weights.ts';

const { sizeBytes, rounds } = benchOptions(process.argv.slice(2), { sizeBytes: 500e6, rounds: 3 });
const folder = mkdtempSync(join(tmpdir(), 'sealift-bench-'));
const at = (name: string) => join(folder, name);
const sealift = (...args: string[]) =>
  execFileSync(process.execPath, [resolve('out/main/cli.js'), '--home', at('home'), ...args], { encoding: 'utf8' });

try {
  writeWeights(at('weights.bin'), sizeBytes);
  writeFileSync(
    at('BUNDLE.yaml'),
    'bundle: 1\nname: bench\ncontents: [{kind: model, name: bench, path: weights.bin}]\n',
  );
  sealift('key', 'new', 'bench');
  const packed = JSON.parse(
    sealift('bundle', 'pack', at('BUNDLE.yaml'), '--accept-licence', '--to', at('medium'), '--no-read-back', '--json'),
  );
  sealift('key', 'trust', packed.data.fingerprint);
  const env = { CLI: resolve('out/main/cli.js'), NODE: process.execPath, DIR: folder };
  const clear = () => {
    rmSync(at('home/store'), { recursive: true, force: true });
    rmSync(at('copy'), { force: true });
    execFileSync('sync', ['-f', folder]);
  };
  compare(
    `Import of one weight file, ${(sizeBytes / 1e6).toFixed(0)} MB; each writes it to the disk and knows its SHA-256 after`,
    [
      {
        name: 'cp, sync, sha256sum',
        prepare: clear,
        env,
        script: 'cp "$DIR/weights.bin" "$DIR/copy"; sync "$DIR/copy"; sha256sum "$DIR/copy"',
      },
      {
        name: 'sealift import',
        prepare: clear,
        env,
        script: '"$NODE" "$CLI" --home "$DIR/home" import "$DIR/medium" --json',
      },
    ],
    rounds,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
