import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectEngine, type Engine, engineAddress } from '../../../../src/main/core/engine/connect-engine.ts';
import { findImage } from '../../../../src/main/core/site/containers/find-image.ts';
import { missing } from '../../../needs.ts';
import { dockerIsThere } from '../../../scenes/docker-is-there.ts';
import { ImageStage, imagePrefix, removeTraces } from '../../../scenes/image-stage.ts';
import { type SmallImage, smallImage } from '../../../scenes/small-image.ts';

describe.skipIf(missing('a running dockerd', dockerIsThere))('an imported image', () => {
  const reference = `${imagePrefix}/found:1`;
  let engine: Engine;
  let stage: ImageStage;
  let image: SmallImage;
  beforeAll(async () => {
    engine = await connectEngine(engineAddress(undefined));
  });
  beforeEach(async () => {
    stage = await ImageStage.open();
    image = await smallImage([{ 'a.txt': Buffer.from(imagePrefix) }]);
    await stage.pack([await stage.layout('layout', reference, image)], ['a']);
    await stage.import(['a']);
  });
  afterEach(async () => {
    await removeTraces(engine, image);
    await stage.close();
  });

  it('55a: is found by its name, in full too, and with the digest of its manifest', async () => {
    const { digest } = image.manifest;
    const asked = [reference, `docker.io/${reference}`, `${reference}@${digest}`, `${imagePrefix}/found@${digest}`];
    for (const one of asked) {
      expect(await findImage(engine, stage.store, one)).toMatchObject({ reference: one });
    }
  });

  it('is not found with another digest or tag, and its own digest is shown', async () => {
    const { digest } = image.manifest;
    for (const asked of [`${reference}@sha256:${'0'.repeat(64)}`, `${imagePrefix}/found:2@${digest}`]) {
      await expect(findImage(engine, stage.store, asked)).rejects.toMatchObject({
        code: 'engine.image-missing',
        wire: { details: { imported: false, known: [`${reference}@${digest}`] } },
      });
    }
  });
});
