// Our pack of an image from a registry and a weight file, against the commands that people use: `npm run bench -- pack --size 300MB --weights 1.5GB`,
// the size being that of the image. Needs docker-registry and skopeo. Prints the most memory and extra disk of one more pack too.
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../scenes/certificates.ts';
import { OwnRegistry } from '../scenes/own-registry.ts';
import { ImageInRegistry } from './image-in-registry.ts';
import { benchOptions, compare } from './measure.ts';
import { writeWeights } from './write-weights.ts';

const options = benchOptions(process.argv.slice(2), { sizeBytes: 300e6, rounds: 3 });
const { sizeBytes, rounds, weightsBytes = sizeBytes } = options;
const folder = mkdtempSync(join(tmpdir(), 'sealift-bench-'));
const at = (name: string) => join(folder, name);
for (const one of ['own', 'docker', 'tmp']) mkdirSync(at(one));
const certificate = await makeCertificate(folder, 'good');
writeFileSync(at('ca.crt'), certificate.ca);
const image = await ImageInRegistry.make(folder, sizeBytes);
const registry = await OwnRegistry.start(at('own'), certificate);
registry.push(at('layout'), 'bench/app:1');
const auth = Buffer.from(`${registry.user}:${registry.password}`).toString('base64');
writeFileSync(at('docker/config.json'), JSON.stringify({ auths: { [registry.host]: { auth } } }));
writeWeights(at('weights.bin'), weightsBytes);
writeFileSync(
  at('BUNDLE.yaml'),
  `bundle: 1\nname: bench\nnetwork: {ca: ca.crt}\ncontents: [{kind: image, from: registry, reference: "${registry.host}/bench/app:1"}, {kind: model, name: bench, path: weights.bin}]\n`,
);
const env = {
  ...{ CLI: resolve('out/main/cli.js'), NODE: process.execPath, DIR: folder, TMPDIR: at('tmp'), NO_PROXY: '127.0.0.1' },
  ...{ DOCKER_CONFIG: at('docker'), REGISTRY: registry.host, HOME: folder },
};
const pack = 'bundle pack "$DIR/BUNDLE.yaml" --accept-licence --to "$DIR/medium" --json';
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
try {
  execFileSync(env.NODE, [env.CLI, '--home', at('home'), 'key', 'new', 'bench'], { stdio: 'ignore' });
  compare(
    `Pack of an image (${megabytes(sizeBytes)} as gzip layers) from a registry with TLS, and of a weight file (${megabytes(weightsBytes)})`,
    [
      {
        name: 'skopeo copy, cp, sync, sha256sum',
        prepare: clear,
        env,
        script:
          'mkdir "$DIR/medium"; skopeo copy --quiet --src-cert-dir "$DIR" --authfile "$DOCKER_CONFIG/config.json" "docker://$REGISTRY/bench/app:1" "oci:$DIR/medium/image:1"; cp "$DIR/weights.bin" "$DIR/medium"; sync --file-system "$DIR/medium"; cd "$DIR/medium"; find . -type f -exec sha256sum {} + > "$DIR/SUMS"',
      },
      {
        name: 'sealift bundle pack',
        prepare: clear,
        env,
        script: `"$NODE" "$CLI" --home "$DIR/home" ${pack} --no-read-back`,
      },
      { name: '… and read back', prepare: clear, env, script: `"$NODE" "$CLI" --home "$DIR/home" ${pack}` },
    ],
    rounds,
  );
  console.log(await peaks());
} finally {
  image.close();
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
}

function clear(): void {
  rmSync(at('medium'), { recursive: true, force: true });
  execFileSync('sync');
}

/** The most memory of one more pack, and the most bytes that it had besides the medium. */
async function peaks(): Promise<string> {
  clear();
  const script = `exec "$NODE" "$CLI" --home "$DIR/home" ${pack}`;
  const child = spawn('bash', ['-c', script], { env: { ...process.env, ...env }, stdio: 'ignore' });
  let [memory, disk] = [0, 0];
  while (child.exitCode === null) {
    const status = existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : '';
    memory = Math.max(memory, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
    disk = Math.max(disk, bytesIn(at('home')) + bytesIn(at('tmp')));
    await sleep(20);
  }
  return `one more pack: exit code ${child.exitCode}, at most ${megabytes(memory * 1024)} of memory and ${(disk / 1e6).toFixed(1)} MB besides the medium`;
}

function bytesIn(path: string): number {
  const sizes = readdirSync(path, { recursive: true, encoding: 'utf8' }).map((one) => {
    return statSync(join(path, one), { throwIfNoEntry: false })?.size ?? 0;
  });
  return sizes.reduce((sum, one) => sum + one, 0);
}
