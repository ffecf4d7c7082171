import { randomBytes } from 'node:crypto';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/main/core/engine/connect-engine.ts';
import { freeSpace } from '../../../src/main/core/files/free-space.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import type { JobProgress } from '../../../src/shared/jobs.ts';
import { missing } from '../../needs.ts';
import { ImageStage, imagePrefix } from '../../scenes/image-stage.ts';
import { newerDocker, newerDockerIsThere } from '../../scenes/newer-docker.ts';
import { dockerdIsThere, OwnDockerd } from '../../scenes/own-dockerd.ts';
import { bombImage, smallImage } from '../../scenes/small-image.ts';

const MiB = 1024 * 1024;
const reference = `${imagePrefix}/bomb:1`;
const lacksNewer = missing('a newer Docker (SEALIFT_TEST_NEWER_DOCKER=$(.ci/newer-docker))', newerDockerIsThere, {
  mayBeRefused: true,
});
const containerd = { args: ['--feature', 'containerd-snapshotter=true'], system: newerDocker };

interface Row {
  how: string;
  options: Partial<Parameters<typeof OwnDockerd.start>[0]>;
  /** What the bomb unpacks to. */
  sizeMiB: number;
  isBesideWeights?: boolean;
  /** It is refused before the engine unpacks anything. */
  isMeasured?: boolean;
  isLeftOut?: boolean;
}
const rows: Row[] = [
  { how: 'pulled', options: {}, sizeMiB: 2048 },
  { how: 'loaded', options: { isApart: true }, sizeMiB: 512 },
  { how: 'pulled beside weights for the same disk', options: {}, sizeMiB: 2048, isBesideWeights: true },
  { how: 'loaded beside weights for the same disk', options: { isApart: true }, sizeMiB: 512, isBesideWeights: true },
  { how: 'pulled by the containerd store', options: containerd, sizeMiB: 2048, isLeftOut: lacksNewer },
  {
    how: 'loaded by the containerd store',
    options: { ...containerd, isApart: true },
    sizeMiB: 1024,
    isMeasured: true,
    isLeftOut: lacksNewer,
  },
];

describe.skipIf(missing('dockerd, as root,', dockerdIsThere))(
  'a signed image that expands without end',
  {
    timeout: 120_000,
  },
  () => {
    let dockerd: OwnDockerd;
    let engine: Engine;
    let stage: ImageStage;
    afterEach(async () => {
      await stage?.close();
      await dockerd?.stop();
    });

    const freeBytes = async () => (await freeSpace(dockerd.dataRoot)).freeBytes;
    const bring = (medium: string, items: string[] = []) => {
      const progress = ({ lanes }: JobProgress) => void items.push(lanes?.images?.item ?? '');
      return stage.import([medium], { engine: engine.address, work: { ...quietWork(), progress } });
    };
    /** Everything that the engine shows, named or not. */
    const shown = async () => (await engine.docker.listImages({ all: true })).map(({ Id, RepoTags }) => [Id, RepoTags]);
    const storedBlobs = () => readdirSync(join(stage.store, 'blobs/sha256'));

    it.each(rows.filter((row) => !row.isLeftOut).map((row) => [row.how, row] as const))(
      'is stopped by name when it is %s, leaves nothing, and stops no other image',
      async (_how, { options, sizeMiB, isBesideWeights, isMeasured }) => {
        dockerd = await OwnDockerd.start({ sizeMiB: 300, ...options });
        engine = await dockerd.connect();
        stage = await ImageStage.open(isBesideWeights ? join(dockerd.dataRoot, 'home') : undefined);
        const bomb = await bombImage(sizeMiB * MiB, [{ a: randomBytes(5 * MiB) }]);
        const contents = [await stage.layout('bomb', reference, bomb)];
        if (isBesideWeights) {
          writeFileSync(stage.at('weights.bin'), randomBytes(100 * MiB));
          contents.push('{kind: files, name: w, paths: [weights.bin]}');
        }
        await stage.pack(contents, ['a']);
        const before = await freeBytes();
        const items: string[] = [];
        const error = await bring('a', items).then(
          () => undefined,
          (thrown) => thrown,
        );
        expect(error).toMatchObject({ code: 'engine.image-expands', exitCode: 3, wire: { details: { reference } } });
        expect(error.wire.details.takenBytes).toBeGreaterThan(2 * error.wire.details.expectedBytes);
        if (!isMeasured) expect(items).toContainEqual(expect.stringMatching(/bomb:1: .* written to /));
        expect(await shown()).toEqual([]);
        const images = [bomb.manifest, bomb.config, ...bomb.layers].map((blob) => blob.digest.slice(7));
        expect(storedBlobs().filter((name) => images.includes(name.slice(0, 64)))).toEqual([]);
        // What was copied of the weights stays, and for a while what was sent. An engine that loads may remove its half later.
        const copied = storedBlobs().reduce(
          (sum, name) => sum + bytesOnDisk(join(stage.store, 'blobs/sha256', name)),
          0,
        );
        const { expectedBytes, leftBytes } = error.wire.details;
        while ((await freeBytes()) < before - copied - expectedBytes) expect(leftBytes).toBeGreaterThan(0);
        const honest = await smallImage([{ a: randomBytes(5 * MiB) }]);
        await stage.pack([await stage.layout('honest', `${imagePrefix}/honest:1`, honest)], ['b']);
        expect(await bring('b')).toMatchObject({
          images: [{ reference: `${imagePrefix}/honest:1`, digest: honest.manifest.digest }],
        });
      },
    );
  },
);

function bytesOnDisk(path: string): number {
  return statSync(path).blocks * 512;
}
