import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectEngine, type Engine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import type { JobProgress } from '../../../src/shared/jobs.ts';
import { missing } from '../../needs.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { ImageStage, imagePrefix, removeTraces, tracesOf } from '../../scenes/image-stage.ts';
import { walk } from '../../scenes/packed-media.ts';
import { KilledCommand } from '../../scenes/random-kills.ts';
import { type SmallImage, smallImage } from '../../scenes/small-image.ts';

const reference = `${imagePrefix}/beside:1`;
const MiB = 1024 * 1024;
const weightsBytes = 14 * MiB + 4711;
/** Lists, manifests and configurations are small, and read by several checks. */
const smallBytes = 256 * 1024;

describe.skipIf(missing('a running dockerd', dockerIsThere))('weights and images side by side', () => {
  let engine: Engine;
  let stage: ImageStage;
  let app: SmallImage;
  beforeAll(async () => {
    engine = await connectEngine(engineAddress(undefined));
  });
  beforeEach(async () => {
    stage = await ImageStage.open();
    app = await smallImage([4, 3, 26, 1.9].map((size) => ({ [`f${size}`]: randomBytes(size * MiB) })));
  });
  afterEach(async () => {
    await removeTraces(engine, app);
    await stage.close();
  });

  const packed = async (media: string[], options: Parameters<ImageStage['pack']>[2] = {}) => {
    const weights = stage.at('weights.bin');
    await writeFile(weights, randomBytes(weightsBytes));
    const lines = [await stage.layout('layout', reference, app), '{kind: files, name: w, paths: [weights.bin]}'];
    return stage.pack(lines, media, options);
  };
  const left = async () => (await walk(stage.store)).filter((path) => /\.part|ledgers\/./.test(path));
  const weightsAreRight = () => expect(statSync(join(stage.store, 'files/w/weights.bin')).size).toBe(weightsBytes);
  const blobsSize = () => [app.config, ...app.layers].reduce((sum, blob) => sum + blob.bytes.length, 0);

  it('make one progress, which only grows and ends at its total', async () => {
    await packed(['a']);
    const seen: JobProgress[] = [];
    const steps: string[] = [];
    const work = {
      ...quietWork(),
      step: (id: string) => void steps.push(id),
      progress: (now: JobProgress) => void (steps.at(-1) === 'copy' && seen.push(now)),
    };
    const done = await stage.import(['a'], { work });
    expect(done).toMatchObject({ isComplete: true, images: [{ reference, path: 'registry' }] });
    expect(steps).toEqual(['open', 'preflight', 'copy', 'lay-out']);
    expect(new Set(seen.map((one) => one.total)).size).toBe(1);
    expect(seen.at(-1)).toMatchObject({ done: seen[0]?.total, lanes: { copy: {}, images: { total: blobsSize() } } });
    for (const of of [(one: JobProgress) => one.done, (one: JobProgress) => one.lanes?.images?.done ?? -1]) {
      const values = seen.map(of);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
    expect(await left()).toEqual([]);
    weightsAreRight();
  });

  it('end together when a person stops them, and both resume', async () => {
    await packed(['a']);
    const abort = new AbortController();
    const progress = ({ lanes }: JobProgress) => {
      if (lanes?.images?.item !== undefined) abort.abort(new Error('enough'));
    };
    const work = { ...quietWork(abort.signal), progress };
    await expect(stage.import(['a'], { work })).rejects.toThrow('enough');
    expect(await stage.import(['a'])).toMatchObject({ isComplete: true });
    expect(await tracesOf(engine, app)).toEqual([reference]);
    expect(await left()).toEqual([]);
    weightsAreRight();
  });

  it.each([
    ['weights', () => findBlob(weightsBytes)],
    ['a layer', () => findBlob(app.layers[2]?.bytes.length ?? 0)],
  ])('end with the damage of %s, and go through with a good copy', async (_what, find) => {
    await packed(['a']);
    const path = find();
    flip(path);
    await expect(stage.import(['a'])).rejects.toMatchObject({
      code: 'bundle.damaged',
      wire: { details: { path: path.slice(stage.at('a').length + 1) } },
    });
    flip(path);
    expect(await stage.import(['a'])).toMatchObject({ isComplete: true });
    expect(await tracesOf(engine, app)).toEqual([reference]);
    weightsAreRight();
  });
  const findBlob = (sizeBytes: number) => {
    const folder = stage.at('a', 'sealift/layout/blobs/sha256');
    const name = readdirSync(folder).find((one) => statSync(join(folder, one)).size === sizeBytes);
    return join(folder, name ?? '');
  };

  describe.skipIf(missing('strace'))('from media one after another', () => {
    /** Imports by the command line, and counts what was read from each medium. */
    const traced = async (media: string[]) => {
      const dirs = media.map((medium) => stage.at(medium));
      const command = new KilledCommand(stage.folder, ['--home', stage.home, '--json', 'import', ...dirs], {
        isTraced: true,
      });
      const { run } = await command.finish();
      expect(run.exitCode, run.stdout + run.stderr).toBeLessThanOrEqual(1);
      const data = run.json.data as { bytesRead: number; isComplete: boolean };
      return { ...data, read: (medium: string) => command.readBytes(stage.at(medium)).read };
    };

    it.each([
      ['in order', ['a'], ['b']],
      ['the last first', ['b'], ['a']],
      ['with both in at the end', ['a'], ['a', 'b']],
    ])('every byte is read once: %s', async (_how, first, second) => {
      const { media } = await packed(['a', 'b'], { partBytes: 2 * MiB, mediumBytes: 25.5 * MiB });
      expect(media).toHaveLength(2);
      const spanning = app.layers[2]?.digest.slice(7);
      const names = await Promise.all(['a', 'b'].map((medium) => walk(stage.at(medium))));
      expect(names.map((paths) => paths.some((path) => path.includes(`${spanning}.`)))).toEqual([true, true]);
      const one = await traced(first);
      expect(one.isComplete).toBe(false);
      const other = await traced(second);
      expect(other.isComplete).toBe(true);
      const contentBytes = weightsBytes + blobsSize();
      for (const medium of ['a', 'b']) {
        const sizes = (await walk(stage.at(medium))).map((path) => statSync(stage.at(medium, path)).size);
        const fileBytes = sizes.reduce((sum, size) => sum + size, 0);
        const readBytes = one.read(medium) + other.read(medium);
        expect(readBytes, medium).toBeLessThan(fileBytes + smallBytes);
        expect(readBytes, medium).toBeGreaterThan(fileBytes - smallBytes);
      }
      expect(one.bytesRead + other.bytesRead).toBeGreaterThanOrEqual(contentBytes);
      expect(one.bytesRead + other.bytesRead).toBeLessThan(contentBytes + smallBytes);
      expect(await tracesOf(engine, app)).toEqual([reference]);
      expect(await left()).toEqual([]);
      expect(existsSync(join(stage.store, 'blobs/sha256', app.layers[0]?.digest.slice(7) ?? ''))).toBe(false);
      weightsAreRight();
    });
  });
});

function flip(path: string): void {
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, 0);
  writeSync(file, Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, 0);
  closeSync(file);
}
