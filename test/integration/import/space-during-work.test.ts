import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import { freeSpace } from '../../../src/main/core/files/free-space.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import { missing } from '../../needs.ts';
import { ImageStage, imagePrefix, tracesOf } from '../../scenes/image-stage.ts';
import { dockerdIsThere, OwnDockerd } from '../../scenes/own-dockerd.ts';
import { bombImage, smallImage } from '../../scenes/small-image.ts';

const MiB = 1024 * 1024;
const reference = `${imagePrefix}/bomb:1`;

describe.skipIf(missing('dockerd, as root,', dockerdIsThere))('a signed image that expands without end', () => {
  let dockerd: OwnDockerd;
  let engine: Engine;
  let stage: ImageStage;
  afterEach(async () => {
    await stage?.close();
    await dockerd?.stop();
  });

  const freeBytes = async () => (await freeSpace(dockerd.dataRoot)).freeBytes;
  const bring = (medium: string, items: string[] = []) => {
    const progress = ({ item = '' }) => void items.push(item);
    return stage.import([medium], { engine: engine.address, work: { ...quietWork(), progress } });
  };

  it.each([
    ['pulled', 2048, {}],
    ['loaded', 512, { isApart: true }],
  ])('is stopped by name when it is %s, leaves nothing, and stops no other image', async (_how, sizeMiB, options) => {
    dockerd = await OwnDockerd.start({ sizeMiB: 300, ...options });
    engine = await dockerd.connect();
    stage = await ImageStage.open();
    const bomb = await bombImage(sizeMiB * MiB, [{ a: randomBytes(5 * MiB) }]);
    await stage.pack([await stage.layout('bomb', reference, bomb)], ['a']);
    const before = await freeBytes();
    const items: string[] = [];
    const error = await bring('a', items).then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: 'engine.image-expands', exitCode: 3, wire: { details: { reference } } });
    expect(error.wire.details.takenBytes).toBeGreaterThan(2 * error.wire.details.expectedBytes);
    expect(items).toContainEqual(expect.stringMatching(/bomb:1: .*MiB written to /));
    expect(await tracesOf(engine, bomb)).toEqual([]);
    expect(readdirSync(join(stage.store, 'blobs/sha256'))).toEqual([]);
    // An engine that loads removes its half when it has read the archive to its end.
    while ((await freeBytes()) < before - MiB) expect(error.wire.details.leftBytes).toBeGreaterThan(0);
    const honest = await smallImage([{ a: randomBytes(5 * MiB) }]);
    await stage.pack([await stage.layout('honest', `${imagePrefix}/honest:1`, honest)], ['b']);
    expect(await bring('b')).toMatchObject({ images: [{ imageId: honest.config.digest }] });
  });
});
