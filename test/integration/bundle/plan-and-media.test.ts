import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describePlan } from '../../../src/main/core/bundle/pack/shown-plan.ts';
import { connectEngine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { missing } from '../../needs.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { imagePrefix, putImage, removeTraces } from '../../scenes/image-stage.ts';
import {
  besideSafetensors,
  dockerArchive,
  gguf,
  ociLayout,
  safetensors,
  testImage,
  writeTar,
  writeTree,
} from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';
import { smallImage } from '../../scenes/small-image.ts';

const MiB = 1024 * 1024;
let scene: PackScene;
beforeEach(async () => {
  scene = await PackScene.open();
});
afterEach(() => scene.close());

/** Plans, packs and compares; returns the plan. */
async function planAndPack(lines: string[], media: string[], mediumBytes: number, partBytes = MiB / 4) {
  const options = { mediumBytes, partBytes };
  const plan = await describePlan(await scene.prepare(lines, media, options));
  const packed = await scene.pack(lines, media, options);
  expect(plan.media.map((one) => one.path)).toEqual(packed.media.map((one) => one.path));
  expect(plan.media.map((one) => one.label)).toEqual(packed.media.map((one) => one.label));
  const checked = await checkMedia(packed.media.map((one) => one.path));
  return { plan, packed, placed: placedBytes(checked) };
}

/** Bytes of each content by medium as they are on disk; what contents share counts for the first. */
function placedBytes({ head, media }: Awaited<ReturnType<typeof checkMedia>>) {
  const owner = new Map<string, string>();
  for (const { name, manifest, blobs } of head.contents)
    for (const { digest } of [manifest, ...blobs]) if (!owner.has(digest)) owner.set(digest, name);
  return media.map(({ files }) => {
    const placed: Record<string, number> = {};
    for (const { path, sizeBytes } of files) {
      const [, hex] = /blobs\/sha256\/([0-9a-f]{64})/.exec(path) ?? [];
      const name = owner.get(`sha256:${hex}`);
      if (name) placed[name] = (placed[name] ?? 0) + sizeBytes;
    }
    return placed;
  });
}

const kinds: Record<string, () => Promise<string>> = {
  'a GGUF file': async () => {
    await writeTree(scene.folder, { 'tiny.gguf': gguf(200_000) });
    return '{kind: model, name: tiny, path: tiny.gguf}';
  },
  'a model folder': async () => {
    // `{}` is the configuration of a file set too: bytes that are equal only when read.
    const files = { ...besideSafetensors, 'tokenizer.json': '{ }', 'model.safetensors': safetensors(900_000) };
    await writeTree(scene.at('hf'), files);
    return '{kind: model, name: hf, path: hf, licence: MIT}';
  },
  files: async () => {
    const notes = { 'a.txt': 'a', 'empty.txt': '', 'too.txt': '', 'b.bin': randomBytes(700_000) };
    await writeTree(scene.at('notes'), notes);
    return '{kind: files, name: notes, paths: [notes]}';
  },
  'an OCI layout': async () => {
    await writeTree(scene.at('oci'), ociLayout([{ image: testImage([600_000, 300_001]) }]));
    return '{kind: image, path: oci, reference: "host.example/oci:1"}';
  },
  'a docker archive': async () => {
    await writeTar(scene.at('app.tar'), dockerArchive(testImage([500_000, 300_002]), ['app:1']));
    return '{kind: image, path: app.tar, reference: "app:1"}';
  },
};

/** Each kind fits on one such medium, or needs both of two. */
const room = { 1: 8 * MiB, 2: 0.65 * MiB };

describe('a plan states what packing writes', () => {
  const table = Object.keys(kinds).flatMap((kind) => [1, 2].map((count) => ({ kind, count: count as 1 | 2 })));
  it.each([...table, { kind: 'all kinds', count: 1 as const }, { kind: 'all kinds', count: 2 as const }])(
    '$kind on $count',
    async ({ kind, count }) => {
      const makers = kind === 'all kinds' ? Object.values(kinds) : [kinds[kind]];
      const lines: string[] = [];
      for (const make of makers) if (make) lines.push(await make());
      const mediumBytes = kind === 'all kinds' && count === 2 ? 2.5 * MiB : room[count];
      const { plan, packed, placed } = await planAndPack(lines, ['a', 'b'].slice(0, count), mediumBytes);
      expect(packed.media).toHaveLength(count);
      expect(plan.sizes).toBe('exact');
      for (const fact of ['bytes', 'files'] as const)
        expect(plan.media.map((one) => one[fact])).toEqual(packed.media.map((one) => one[fact]));
      const planned = plan.media.map(({ contents }) =>
        Object.fromEntries(contents.filter((one) => one.bytes > 0).map(({ name, bytes }) => [name, bytes])),
      );
      expect(planned).toEqual(placed);
      const whole = plan.media.flatMap((one) => one.contents.map(({ name, totalBytes }) => [name, totalBytes]));
      expect(Object.fromEntries(whole)).toEqual(
        Object.fromEntries(packed.contents.map((one) => [one.name, one.bytes])),
      );
      expect(plan.totalBytes).toBe(packed.media.reduce((sum, one) => sum + one.bytes, 0));
    },
  );

  it('as upper bounds where files of equal size may be equal', async () => {
    const weights = gguf(100_000);
    await writeTree(scene.folder, { 'one.gguf': weights, 'two.gguf': weights });
    const lines = ['one', 'two'].map((name) => `{kind: model, name: ${name}, path: ${name}.gguf}`);
    const { plan, packed } = await planAndPack(lines, ['a'], 8 * MiB);
    expect(plan.sizes).toBe('at-most');
    expect(plan.media[0]?.bytes).toBe((packed.media[0]?.bytes ?? 0) + weights.length);
  });
});

describe.skipIf(missing('a running dockerd', dockerIsThere))('a plan with an image from an engine', () => {
  it.each([1, 2])('on %i is called an estimate, without a number of files', async (count) => {
    const engine = await connectEngine(engineAddress(undefined));
    const image = await smallImage([{ a: randomBytes(2 * MiB) }, { b: randomBytes(MiB) }]);
    const reference = `${imagePrefix}/plan:1`;
    await putImage(engine, reference, image);
    try {
      const lines = [`{kind: image, engine: docker, reference: "${reference}"}`, (await kinds.files?.()) ?? ''];
      const { plan, packed } = await planAndPack(lines, ['a', 'b'].slice(0, count), count === 1 ? 16 * MiB : 5.5 * MiB);
      expect(packed.media).toHaveLength(count);
      expect(plan).toMatchObject({ sizes: 'estimate', media: plan.media.map(() => ({ files: null })) });
      // A little more is set aside for each layer, and never less than is needed.
      const writtenBytes = packed.media.reduce((sum, one) => sum + one.bytes, 0);
      expect(plan.totalBytes).toBeGreaterThanOrEqual(writtenBytes);
      expect(plan.totalBytes).toBeLessThan(writtenBytes + 5 * MiB);
    } finally {
      await removeTraces(engine, image);
    }
  });
});
