import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHeld } from '../../../src/main/core/bundle/read/read-held.ts';
import { connectEngine, type Engine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { type BringPlan, bringImages } from '../../../src/main/core/import/images/bring-images.ts';
import { planBringing } from '../../../src/main/core/import/import-images.ts';
import { openImport, prepareImport } from '../../../src/main/core/import/prepare-import.ts';
import { writeInventory } from '../../../src/main/core/import/write-inventory.ts';
import { storePaths } from '../../../src/main/core/store/store-paths.ts';
import { missing } from '../../needs.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { ImageStage, imagePrefix, putImage, removeTraces, tracesOf } from '../../scenes/image-stage.ts';
import { newerDocker, newerDockerIsThere } from '../../scenes/newer-docker.ts';
import { dockerdIsThere, OwnDockerd } from '../../scenes/own-dockerd.ts';
import { OwnPodman, podmanIsThere } from '../../scenes/own-podman.ts';
import { type SmallImage, smallImage } from '../../scenes/small-image.ts';

const first = `${imagePrefix}.example/app:1`;
const second = `${imagePrefix}.example/app:2`;
const MiB = 1024 * 1024;
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error) => error,
  );

/** An image and its successor, which has the same two layers below. */
async function twoVersions(): Promise<[SmallImage, SmallImage]> {
  const below = [{ base: randomBytes(3 * MiB) }, { libs: randomBytes(2 * MiB) }];
  return [
    await smallImage([...below, { app: randomBytes(MiB) }]),
    await smallImage([...below, { app: randomBytes(MiB) }]),
  ];
}

const sentBytes = (image: SmallImage) => (image.layers.at(-1)?.bytes.length ?? 0) + image.config.bytes.length;

/** Packs the first version whole, and the second without what it shares with that. */
async function packBoth(stage: ImageStage, [old, next]: [SmallImage, SmallImage]): Promise<void> {
  await stage.pack([await stage.layout('one', first, old)], ['old']);
  const held = await readHeld(stage.at('old'), { trustFile: stage.at('home/trust.json'), ownKeyIds: [] });
  const base = { held, workers: builtWorkers };
  const packed = await stage.pack([await stage.layout('two', second, next)], ['new'], { base });
  expect(packed.leftOutBytes).toBe(next.layers.slice(0, 2).reduce((sum, layer) => sum + layer.bytes.length, 0));
}

/** The image has the files of all its layers. */
async function isWholeIn(engine: Engine): Promise<void> {
  const container = await engine.docker.createContainer({ Image: second, Cmd: ['/none'] });
  try {
    for (const path of ['/base', '/libs', '/app']) await container.infoArchive({ path });
  } finally {
    await container.remove();
  }
}

async function takeInventory(stage: ImageStage, engine: Engine, name = 'inventory.json') {
  const out = stage.at(name);
  const where = { store: stage.store, engine: engine.address, out };
  const { notes } = await writeInventory(where, { version: '1', now: new Date() });
  return { notes, held: await readHeld(out, { trustFile: stage.at('home/trust.json'), ownKeyIds: [] }) };
}

describe.skipIf(missing('a running dockerd', dockerIsThere))('an image without the layers that Docker has', () => {
  let engine: Engine;
  let stage: ImageStage;
  let made: [SmallImage, SmallImage];
  beforeEach(async () => {
    engine = await connectEngine(engineAddress(undefined));
    stage = await ImageStage.open();
    made = await twoVersions();
  });
  afterEach(async () => {
    await removeTraces(engine, ...made);
    await stage.close();
  });

  it('is imported over its base, and sends only the rest', async () => {
    await packBoth(stage, made);
    await stage.import(['old']);
    const done = await stage.import(['new']);
    expect(done).toMatchObject({ isComplete: true, findings: [], images: [{ reference: second, path: 'load' }] });
    expect(done.imageBytesSent).toBe(sentBytes(made[1]));
    await isWholeIn(engine);
    expect(await stage.import(['new'])).toMatchObject({ images: [{ path: 'present' }], imageBytesSent: 0 });
  });

  it('relies on what the engine has, however it came there', async () => {
    await packBoth(stage, made);
    await putImage(engine, first, made[0]);
    expect(await stage.import(['new'])).toMatchObject({ isComplete: true });
    await isWholeIn(engine);
  });

  it('is refused without its base, and leaves nothing', async () => {
    await packBoth(stage, made);
    const refused = await errorOf(stage.import(['new']));
    expect(refused).toMatchObject({ code: 'import.base-missing' });
    expect(refused.message).toContain(`2 layers of the image ${second} (5.0 MiB)`);
    expect(await tracesOf(engine, ...made)).toEqual([]);
    await stage.import(['old']);
    expect(await stage.import(['new'])).toMatchObject({ isComplete: true });
  });

  it('says so when the engine loses a layer that the plan relies on', async () => {
    await packBoth(stage, made);
    await stage.import(['old']);
    const paths = storePaths(stage.store);
    const request = { dirs: [stage.at('new')], store: stage.store, trustFile: stage.at('home/trust.json') };
    const { signal } = new AbortController();
    const prepared = await prepareImport(await openImport(request, paths), paths, request, signal);
    const job = await planBringing(prepared, signal);
    await engine.docker.getImage(first).remove();
    const lost = await errorOf(bringImages(job as BringPlan, signal, () => undefined));
    expect(lost).toMatchObject({ code: 'import.relied-layers' });
    expect(lost.message).toContain(`can't take ${second}: the bundle leaves out 2 layers`);
  });

  it('is carried as the inventory of the site allows', async () => {
    const [old, next] = made;
    await stage.pack([await stage.layout('one', first, old)], ['old']);
    await stage.import(['old']);
    const { held, notes } = await takeInventory(stage, engine);
    expect(notes).toEqual([]);
    const base = { held, workers: builtWorkers };
    const packed = await stage.pack([await stage.layout('two', second, next)], ['new'], { base });
    expect(packed.leftOutBytes).toBeGreaterThan(5 * MiB);
    expect(await stage.import(['new'])).toMatchObject({ isComplete: true });
    for (const name of [first, second]) await engine.docker.getImage(name).remove();
    const gone = await takeInventory(stage, engine, 'later.json');
    expect(gone.held.contents).toEqual([]);
    expect(gone.notes.join()).toContain(`The image ${first} is not in it`);
  });
});

const newerLacks =
  missing('dockerd, as root,', dockerdIsThere) ||
  missing('a newer Docker (SEALIFT_TEST_NEWER_DOCKER=$(.ci/newer-docker))', newerDockerIsThere, {
    mayBeRefused: true,
  });

describe.skipIf(newerLacks)('an image without the layers that a newer Docker has', { timeout: 120_000 }, () => {
  let dockerd: OwnDockerd;
  let engine: Engine;
  let stage: ImageStage;
  afterEach(async () => {
    await stage.close();
    await dockerd.stop();
  });

  it.each([
    ['the containerd store', 'true', {}, 'registry'],
    ['the containerd store, which cannot be reached by a registry', 'true', { isApart: true }, 'load'],
    ['graph drivers', 'false', {}, 'load'],
  ])('is imported over its base into %s', async (_what, isContainerd, more, path) => {
    const args = ['--feature', `containerd-snapshotter=${isContainerd}`];
    dockerd = await OwnDockerd.start({ sizeMiB: 500, args, system: newerDocker, ...more });
    engine = await dockerd.connect();
    stage = await ImageStage.open();
    const made = await twoVersions();
    await packBoth(stage, made);
    const bring = (medium: string) => stage.import([medium], { engine: engine.address });
    expect(await errorOf(bring('new'))).toMatchObject({ code: 'import.base-missing' });
    await bring('old');
    expect((await takeInventory(stage, engine)).held.contents).toMatchObject([{ kind: 'image', name: first }]);
    const done = await bring('new');
    expect(done).toMatchObject({ isComplete: true, images: [{ reference: second, path }] });
    expect(done.imageBytesSent).toBeLessThanOrEqual(sentBytes(made[1]));
    await isWholeIn(engine);
  });
});

describe.skipIf(missing('podman, as root,', podmanIsThere))(
  'an image without some layers, for Podman',
  { timeout: 120_000 },
  () => {
    it('is refused, and its inventory promises no images', async () => {
      const podman = await OwnPodman.start({ sizeMiB: 500 });
      const stage = await ImageStage.open();
      try {
        const engine = await podman.connect();
        await packBoth(stage, await twoVersions());
        await stage.import(['old'], { engine: engine.address });
        const refused = await errorOf(stage.import(['new'], { engine: engine.address }));
        expect(refused).toMatchObject({ code: 'import.base-missing' });
        expect(JSON.stringify(refused.wire.remedies)).toContain('Podman takes no image without all its layers');
        const { held, notes } = await takeInventory(stage, engine);
        expect(held.contents).toEqual([]);
        expect(notes.join()).toContain('always carried whole');
      } finally {
        await stage.close();
        await podman.stop();
      }
    });
  },
);
