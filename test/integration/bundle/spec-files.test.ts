import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { specHandlers } from '../../../src/main/core/bundle/pack/spec-files.ts';
import type { CorePorts } from '../../../src/main/core/ports.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { PackScene } from '../../scenes/pack-scene.ts';

let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
});
afterEach(() => scene.close());
const context = { signal: new AbortController().signal, mayWrite: true, owner: '' };
const handlers = () => specHandlers({ paths: homePaths(scene.at('home')) } as CorePorts);

const model = { kind: 'model', name: 'm', path: '/data/m.gguf', licence: 'MIT' };
const image = { kind: 'image', engine: 'docker', reference: 'host/app:1' };

describe('BUNDLE.yaml of a form', () => {
  it('is written below the data folder, and reads back as it was', async () => {
    const spec = { bundle: 1, name: 'site-a', requirements: { gitlab: '18.10' }, contents: [model, image] };
    const { path = '', problems } = await handlers().writeSpec({ spec }, context);
    expect([path, problems]).toEqual([scene.at('home', 'bundles', 'site-a.bundle.yaml'), []]);
    expect(await readFile(path, 'utf8')).toContain('gitlab: "18.10"');
    const read = await handlers().readSpec({ path }, context);
    expect(read.spec).toEqual({ ...spec, contents: [model, { ...image, platform: 'linux/amd64' }] });
  });

  it.each([
    ['name', { bundle: 1, name: 'A B', contents: [model] }],
    ['contents', { bundle: 1, name: 'a', contents: [] }],
    ['contents.0.reference', { bundle: 1, name: 'a', contents: [{ ...image, reference: 'x' }] }],
    ['contents.1.name', { bundle: 1, name: 'a', contents: [model, model] }],
    ['contents.0.path', { bundle: 1, name: 'a', contents: [{ ...model, path: 'm.gguf' }] }],
    ['contents.0.paths.1', { bundle: 1, name: 'a', contents: [{ kind: 'files', name: 'f', paths: ['/a', 'b'] }] }],
    ['contents.0.path', { bundle: 1, name: 'a', contents: [{ kind: 'image', reference: 'host/app:1' }] }],
  ])('names the field %s and writes nothing', async (field, spec) => {
    const answer = await handlers().writeSpec({ spec }, context);
    expect(answer.path).toBeUndefined();
    expect(answer.problems.map((one) => one.field)).toContain(field);
    await expect(readFile(scene.at('home', 'bundles', 'a.bundle.yaml'))).rejects.toThrow();
  });

  it.each([
    ['an alias to nothing', 'bundle: 1\nname: *nope\ncontents: []\n'],
    ['too many aliases', `bundle: 1\nname: &n a\ncontents: [${'*n,'.repeat(200)}]\n`],
    ['aliases of aliases', bomb()],
    ['a value that holds itself', 'bundle: 1\nname: a\ncontents: &c [*c]\n'],
    ['a list that holds itself', 'bundle: 1\nname: &c [*c]\ncontents: []\n'],
    ['thousands of levels', `bundle: 1\nname: ${'['.repeat(20_000)}`],
    ['thousands of closed levels', `bundle: 1\nname: ${'['.repeat(3000)}${']'.repeat(3000)}\n`],
  ])('refuses %s with a sentence', async (_what, text) => {
    const path = scene.at('BUNDLE.yaml');
    await writeFile(path, text);
    await expect(handlers().readSpec({ path }, context)).rejects.toMatchObject({
      code: 'input.invalid',
      wire: { details: { what: path } },
    });
  });

  it('shows relative paths of a file as absolute ones', async () => {
    const { spec } = await handlers().readSpec({ path: 'bundles/rehearsal.bundle.yaml' }, context);
    expect(spec.contents.map((one) => (one.kind === 'files' ? one.paths[0] : one.path))).toEqual([
      resolve('bundles', 'rehearsal-model.gguf'),
      join(resolve('bundles'), 'READ-ME.txt'),
    ]);
    const path = scene.at('BUNDLE.yaml');
    await writeFile(path, 'bundle: 1\nname: a\ninstallers: out\ncontents: [{kind: files, name: f, paths: [/a]}]\n');
    expect((await handlers().readSpec({ path }, context)).spec.installers).toBe(scene.at('out'));
  });
});

/** A few lines that stand for a million values. */
function bomb(): string {
  const levels = Array.from({ length: 6 }, (_, at) => `  - &l${at + 1} [${`*l${at},`.repeat(10)}]`);
  return ['bundle: 1', 'name: a', 'contents:', '  - &l0 x', ...levels, ''].join('\n');
}
