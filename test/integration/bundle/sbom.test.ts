import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gguf, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { openEnvelope } from '../../scenes/packed-media.ts';
import { readSpdx } from '../../scenes/spdx-schema.ts';
import { sha256 } from '../../scenes/write-media.ts';

const weights = gguf(300_000);
const bill = '{"spdxVersion":"SPDX-2.3"}';
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
  await writeTree(scene.at('model'), { 'tiny.gguf': weights, 'README.md': 'first', 'tiny.spdx.json': bill });
  await writeTree(scene.at('notes'), { 'a b': 'x', b: 'x' });
});
afterEach(() => scene.close());

const model = "{kind: model, name: tiny, path: model, licence: 'Tiny Community Licence, v1'}";
const notes = '{kind: files, name: notes, paths: [notes], licence: MIT}';
const sbomOn = (medium: string) => readFile(scene.at(medium, 'sealift/sbom.spdx.json'), 'utf8');

describe("a bundle's bill of materials", () => {
  it('has every content and file with licence and digest, and names the bills of publishers', async () => {
    await scene.pack([model, notes], ['m']);
    const document = readSpdx(await sbomOn('m'));
    const named = (name: string) => document.packages.find((one) => one.name === name);
    const head = (await openEnvelope(scene.at('m/sealift/bundle.json'))) as {
      id: string;
      contents: { manifest: { digest: string } }[];
    };
    expect(document.documentNamespace).toContain(head.id);
    const digests = document.packages.flatMap(({ checksums = [] }) => checksums.map((one) => one.checksumValue));
    for (const { manifest } of head.contents) expect(digests).toContain(manifest.digest.slice('sha256:'.length));
    expect(named('tiny.gguf')?.checksums).toEqual([{ algorithm: 'SHA256', checksumValue: sha256(weights) }]);
    expect(named('notes')).toMatchObject({ licenseDeclared: 'MIT', primaryPackagePurpose: 'ARCHIVE' });
    expect(named('tiny')?.licenseDeclared).toMatch(/^LicenseRef-Tiny-Community-Licence-v1-/);
    expect(document.hasExtractedLicensingInfos?.[0]?.extractedText).toContain('Tiny Community Licence, v1');
    expect(named('tiny')?.externalRefs).toEqual([
      {
        referenceCategory: 'OTHER',
        referenceType: 'publisher-sbom',
        referenceLocator: `sha256:${sha256(Buffer.from(bill))}`,
        comment: 'tiny.spdx.json',
      },
    ]);
    const inNotes = document.relationships.filter((one) => one.spdxElementId === named('notes')?.SPDXID);
    expect(inNotes).toHaveLength(2);
  });

  it('is the same on every medium, signed like other files, and named on its pages', async () => {
    await writeTree(scene.at('notes'), { big: randomBytes(900_000), more: randomBytes(800_000) });
    await scene.pack([notes, model], ['m1', 'm2'], { mediumBytes: 2_000_000, partBytes: 65_536 });
    expect(await sbomOn('m2')).toBe(await sbomOn('m1'));
    for (const medium of ['m1', 'm2']) {
      const options = { cwd: scene.at(medium), encoding: 'utf8' } as const;
      expect(execFileSync('sha256sum', ['-c', 'sealift/SHA256SUMS'], options)).toContain('sealift/sbom.spdx.json: OK');
      const listed = (await openEnvelope(scene.at(medium, 'sealift/media.json'))) as { files: { path: string }[] };
      expect(listed.files.map(({ path }) => path)).toContain('sealift/sbom.spdx.json');
      for (const page of ['START-HERE.html', 'START-HERE.txt'])
        expect(await readFile(scene.at(medium, page), 'utf8')).toContain('sealift/sbom.spdx.json');
    }
  });

  it('counts in the plan to the byte', async () => {
    const { describePlan } = await import('../../../src/main/core/bundle/pack/shown-plan.ts');
    await writeTree(scene.at('notes'), { b: 'longer' });
    const plan = await describePlan(await scene.prepare([notes, model], ['m']));
    expect(plan.sizes).toBe('exact');
    const packed = await scene.pack([notes, model], ['m']);
    expect(plan.totalBytes).toBe(packed.media[0]?.bytes);
  });
});
