import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HeadPayload } from '../../../src/main/core/bundle/format/format.ts';
import { missing } from '../../needs.ts';
import { makeCertificate } from '../../scenes/certificates.ts';
import { besideSafetensors, ociLayout, safetensors, testImage, writeTree } from '../../scenes/make-sources.ts';
import { OwnRegistry } from '../../scenes/own-registry.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';

const files = {
  ...besideSafetensors,
  'model.safetensors': safetensors(5000),
  LICENSE: 'MIT',
  'sub/notes.txt': 'hello',
};
const name = 'host.example/app:1';

describe.skipIf(missing('docker-registry'))('the layout of a medium', () => {
  let scene: PackScene;
  let registry: OwnRegistry;
  let contents: HeadPayload['contents'];
  beforeEach(async () => {
    scene = await PackScene.open();
    registry = await OwnRegistry.start(scene.folder, await makeCertificate(scene.folder, 'good'));
    await writeTree(scene.at('layout'), ociLayout([{ name, image: testImage([40_000, 900]) }]));
    await writeTree(scene.at('model'), files);
    await writeFile(scene.at('note.txt'), 'note');
    const image = `{kind: image, path: layout, reference: "${name}"}`;
    const others = ['{kind: model, name: tiny, path: model}', '{kind: files, name: notes, paths: [note.txt]}'];
    await scene.pack([image, ...others], ['m1']);
    ({ contents } = (await checkMedia([scene.at('m1')])).head);
  });
  afterEach(async () => {
    await registry.close();
    await scene.close();
  });

  const layout = () => scene.at('m1/sealift/layout');
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, { stdio: 'pipe', env: { ...process.env, HOME: scene.folder } });
  const expectFiles = (folder: string) => {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const found = paths.filter((one) => statSync(join(folder, one)).isFile());
    expect(found.sort()).toEqual(Object.keys(files).sort());
    for (const [path, bytes] of Object.entries(files))
      expect(readFileSync(join(folder, path)).equals(Buffer.from(bytes))).toBe(true);
  };

  it.skipIf(missing('skopeo'))('is copied by skopeo into a registry, with the digests of the signed list', () => {
    expect(contents).toHaveLength(3);
    for (const [at, content] of contents.entries()) {
      const to = ['--dest-tls-verify=false', '--dest-creds', `${registry.user}:${registry.password}`];
      const from = `oci:${layout()}:${content.name}`;
      const args = ['--insecure-policy', 'copy', '--preserve-digests', ...to];
      run('skopeo', ...args, from, `docker://${registry.host}/copy/c${at}:1`);
      registry.pull(`copy/c${at}`, content.manifest.digest, scene.at(`pulled-${at}`));
    }
  });

  it.skipIf(missing('oras', undefined, { mayBeRefused: true }))(
    "gives oras a model's files, and is copied by it into a registry",
    () => {
      const tiny = contents.find((one) => one.name === 'tiny')?.manifest.digest;
      const [medium, pulled] = [scene.at('from-medium'), scene.at('from-registry')];
      for (const folder of [medium, pulled]) mkdirSync(folder);
      run('oras', 'pull', '--oci-layout', `${layout()}:tiny`, '--output', medium);
      expectFiles(medium);
      for (const { manifest } of contents) {
        const login = ['--to-insecure', '--to-username', registry.user, '--to-password', registry.password];
        const from = ['--from-oci-layout', `${layout()}@${manifest.digest}`];
        run('oras', 'cp', ...login, ...from, `${registry.host}/oras/all:1`);
      }
      const login = ['--insecure', '--username', registry.user, '--password', registry.password];
      run('oras', 'pull', ...login, `${registry.host}/oras/all@${tiny}`, '--output', pulled);
      expectFiles(pulled);
    },
  );
});
