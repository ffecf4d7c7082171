import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { bytesText } from '../../../shared/bytes-text.ts';
import { contract } from '../../../shared/contract/index.ts';
import type { rehearse } from '../../../shared/contract/rehearse.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { makeFolder } from '../files/make-folder.ts';
import { makeGatewayImage } from './gateway-image.ts';
import { clearEngine } from './rehearsal-engine.ts';
import { gitlabVersion, modelName, type RehearsalStage, withCore } from './rehearsal-stage.ts';
import { type TinyModel, writeTinyModel } from './tiny-model.ts';

/** What was packed, and the fingerprint of its key in words. */
export type Packed = OutputOf<(typeof rehearse)['run']>['bundle'] & { words: string };

/** Small enough that the model has many parts and does not fit on one stick next to the planner's reserve for its lists. */
const smallPartBytes = 64 * 1024;
const listBytes = 192 * 1024;
/** Splits an image into many parts too, but not into thousands. */
const largePartBytes = 8 * 1024 * 1024;
/** The engine's archive of an image is slightly larger than the image. */
const archiveFactor = 1.1;

/** Runs the connected side: makes the content, packs and signs it on two sticks, and leaves no image in the engine. */
export async function packSide(stage: RehearsalStage): Promise<Packed> {
  const { folder, docker, marks, work } = stage;
  work.step('source', 'Connected side: make a tiny model');
  await makeFolder(folder.source, 0o755);
  for (const medium of folder.media) await makeFolder(medium, 0o755);
  const model = await writeTinyModel(join(folder.source, 'rehearsal-model.gguf'));
  const note = join(folder.source, 'READ-ME.txt');
  // Different in each rehearsal, so that no earlier result can pass for this one.
  await writeFile(note, `A rehearsal of Sealift, number ${randomBytes(8).toString('hex')}.\n`);
  const imageBytes = await makeImage(stage);
  await writeFile(folder.bundleFile, stringify(bundleSpec(stage, model.path, note)));
  const packed = await pack(stage, model, imageBytes);
  // Both sides share one engine here: the import would skip what it still has.
  if (docker.isUsed) await clearEngine(docker.engine, marks);
  return packed;
}

async function makeImage({ docker, marks, ports, work }: RehearsalStage): Promise<number> {
  if (!docker.isUsed) return 0;
  const { engine, program } = docker;
  work.step('image', "Connected side: make an image of the SIMULATED AI Gateway from this machine's own Node");
  await makeGatewayImage(engine, marks, program, ports.workers, work);
  const { Size: sizeBytes } = await engine.docker.getImage(marks.reference).inspect();
  work.log(`${marks.reference}: ${bytesText(sizeBytes)} in the engine`);
  return sizeBytes;
}

function pack(stage: RehearsalStage, model: TinyModel, imageBytes: number): Promise<Packed> {
  const { folder, work } = stage;
  return withCore(stage, folder.packerHome, async ({ client, follow }) => {
    work.step('pack', 'Connected side: pack and sign a bundle across two media');
    const { words } = await client.keys.create({ name: 'packer' });
    const packed = await follow(
      contract.bundle.pack,
      client.bundle.pack({
        spec: folder.bundleFile,
        to: folder.media,
        partBytes: imageBytes > 0 ? largePartBytes : smallPartBytes,
        mediumBytes: Math.ceil((model.sizeBytes + imageBytes * archiveFactor) * 0.7) + listBytes,
        key: 'packer',
      }),
    );
    const bytes = packed.media.reduce((sum, medium) => sum + medium.bytes, 0);
    return { id: packed.id, fingerprint: packed.fingerprint, words, bytes, blocks: packed.blocks };
  });
}

function bundleSpec({ docker, marks: { reference } }: RehearsalStage, modelPath: string, note: string): unknown {
  return {
    bundle: 1,
    name: 'rehearsal',
    requirements: { gitlab: gitlabVersion, note: 'Made by a rehearsal; holds no real model.' },
    contents: [
      { kind: 'model', name: modelName, path: modelPath, licence: 'Apache-2.0' },
      { kind: 'files', name: 'notes', paths: [note] },
      ...(docker.isUsed ? [{ kind: 'image', engine: 'docker', reference, platform: docker.engine.platform }] : []),
    ],
  };
}
