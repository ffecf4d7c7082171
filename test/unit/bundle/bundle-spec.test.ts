import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundleSpec } from '../../../src/main/core/bundle/sources/read-bundle-spec.ts';

describe('BUNDLE.yaml', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-spec-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function read(text: string) {
    const path = join(folder, 'BUNDLE.yaml');
    await writeFile(path, text);
    return readBundleSpec(path);
  }

  it('accepts every bundle that ships with Sealift', async () => {
    const names = (await readdir('bundles')).filter((name) => name.endsWith('.bundle.yaml'));
    expect(names.length).toBeGreaterThanOrEqual(2);
    for (const name of names) {
      const { spec } = await readBundleSpec(join('bundles', name));
      expect(`${spec.name}.bundle.yaml`).toBe(name);
    }
  });

  it('fills in the platform and where relative paths start', async () => {
    const loaded = await read('bundle: 1\nname: a\ncontents: [{kind: image, path: i, reference: "host:5000/x/y:1"}]');
    expect(loaded.folder).toBe(folder);
    expect(loaded.spec.contents[0]).toMatchObject({ platform: 'linux/amd64' });
  });

  const content = '{kind: model, name: m, path: p}';
  it.each([
    ['a newer format', `bundle: 2\nname: a\ncontents: [${content}]`, 'bundle: must be 1 (is 2)'],
    ['a name with spaces', `bundle: 1\nname: A B\ncontents: [${content}]`, '(is "A B")'],
    ['no contents', 'bundle: 1\nname: a\ncontents: []', 'contents'],
    ['an unknown kind', 'bundle: 1\nname: a\ncontents: [{kind: disk}]', 'contents[0].kind'],
    ['an unknown field', 'bundle: 1\nname: a\ncontents: [{kind: model, name: m, path: p, colour: red}]', '"colour"'],
    ['a name that climbs', 'bundle: 1\nname: a\ncontents: [{kind: model, name: ../m, path: p}]', '(is "../m")'],
    ['a missing path', 'bundle: 1\nname: a\ncontents: [{kind: model, name: m}]', 'contents[0].path'],
    [
      'a model from two places',
      `bundle: 1\nname: a\ncontents: [{kind: model, name: m, path: p, urls: [{url: "https://a.example/m.gguf", sha256: "${'0'.repeat(64)}"}]}]`,
      'contents[0].path: set one of path, from and urls',
    ],
    [
      'a model by its addresses without a digest',
      'bundle: 1\nname: a\ncontents: [{kind: model, name: m, urls: [{url: "https://a.example/m.gguf"}]}]',
      'contents[0].urls[0].sha256',
    ],
    [
      'a version that is a number',
      `bundle: 1\nname: a\nrequirements: {gitlab: 18.10}\ncontents: [${content}]`,
      'quotes',
    ],
    [
      'packages for no distribution',
      'bundle: 1\nname: a\ncontents: [{kind: files, name: f, paths: [p], provides: browser}]',
      'contents[0].for: set provides and for together',
    ],
    [
      'packages that bring something else',
      'bundle: 1\nname: a\ncontents: [{kind: files, name: f, paths: [p], provides: docker, for: {system: debian, version: "12"}}]',
      'must be one of: container-engine',
    ],
    [
      'a distribution whose version is a number',
      'bundle: 1\nname: a\ncontents: [{kind: files, name: f, paths: [p], provides: browser, for: {system: debian, version: 12}}]',
      'put the version in quotes',
    ],
    [
      'a distribution by its whole name',
      'bundle: 1\nname: a\ncontents: [{kind: files, name: f, paths: [p], provides: browser, for: {system: Red Hat, version: "9"}}]',
      'write it as ID in /etc/os-release',
    ],
    ['an image without a tag', 'bundle: 1\nname: a\ncontents: [{kind: image, path: p, reference: x}]', '(is "x")'],
    [
      'an image by digest',
      'bundle: 1\nname: a\ncontents: [{kind: image, path: p, reference: "x@sha256:00"}]',
      'name:tag',
    ],
    ['an image from nowhere', 'bundle: 1\nname: a\ncontents: [{kind: image, reference: "x:1"}]', 'contents[0].path'],
    [
      'an image from two places',
      'bundle: 1\nname: a\ncontents: [{kind: image, path: p, engine: docker, reference: "x:1"}]',
      'one of path, engine: docker and from: registry',
    ],
    [
      'an image of an unknown engine',
      'bundle: 1\nname: a\ncontents: [{kind: image, engine: lxc, reference: "x:1"}]',
      'contents[0].engine',
    ],
    [
      'the same name twice',
      `bundle: 1\nname: a\ncontents: [${content}, ${content}]`,
      'contents[1].name: is already used by contents[0]',
    ],
    [
      'two names of one image',
      'bundle: 1\nname: a\ncontents: [{kind: image, path: p, reference: "x:1"}, {kind: image, path: p, reference: "docker.io/library/x:1"}]',
      'contents[1].reference: is already used by contents[0]',
    ],
    ['a name that Windows cannot store', `bundle: 1\nname: a\ncontents: [{kind: model, name: m., path: p}]`, 'ends in'],
    ['the name of a device', `bundle: 1\nname: a\ncontents: [{kind: model, name: nul.v1, path: p}]`, 'device'],
    ['broken YAML', 'bundle: [1', 'line 1'],
    ['the same field twice', 'bundle: 1\nbundle: 1', 'unique'],
    ['an empty file', '', 'the file'],
    ['a list', '- 1', 'the file'],
  ])('refuses %s and names the field', async (_what, text, named) => {
    const error = await read(text).then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error?.code).toBe('input.invalid');
    expect(error.message).toContain(named);
  });

  it('lets a model and a set of files share a name, and refuses a huge or missing file', async () => {
    await expect(
      read(`bundle: 1\nname: a\ncontents: [${content}, {kind: files, name: m, paths: [p]}]`),
    ).resolves.toBeDefined();
    await expect(read(`bundle: 1 #${' '.repeat(1024 * 1024)}`)).rejects.toMatchObject({ code: 'file.too-large' });
    await expect(readBundleSpec(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'file.missing' });
  });
});
