import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contractContent } from '../../fakes/contract-image.ts';
import { type OpenaiServer, startOpenaiServer } from '../../fakes/openai-server.ts';
import { missing } from '../../needs.ts';
import { runSealift } from '../../run-sealift.ts';
import { type ContainerStage, openContainerStage } from '../../scenes/container-stage.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';
import { ImageStage } from '../../scenes/image-stage.ts';
import { ownName } from '../../scenes/own-name.ts';
import { smallImage } from '../../scenes/small-image.ts';

const lacks = missing('a running dockerd', dockerIsThere) || missing('go') || missing('curl');
const site = ownName('ctr-upg-media');
const repository = `${ownName('sealift-upg-media')}.example/model-gateway`;
const tagged = (version: string) => `${repository}:self-hosted-v${version}-ee`;

describe.skipIf(lacks)('an upgrade from media', { timeout: 600_000 }, () => {
  let stage: ContainerStage;
  let media: ImageStage;
  let model: OpenaiServer;
  const ids: string[] = [];
  let layouts = 0;

  /** Packs one medium with gateways of these versions; returns their local IDs. */
  const packed = async (medium: string, versions: string[]): Promise<string[]> => {
    const made: string[] = [];
    const lines: string[] = [];
    for (const version of versions) {
      layouts += 1;
      const { files, config } = contractContent('gateway', { env: [`IT=${site}-${layouts}`] });
      const image = await smallImage([files], config);
      lines.push(await media.layout(`layout-${layouts}`, tagged(version), image));
      made.push(image.config.digest);
    }
    await media.pack(lines, [medium]);
    ids.push(...made);
    return made;
  };
  const running = async () => (await stage.engine.docker.getContainer(`sealift-${site}-gateway`).inspect()).Image;
  const upgrade = (...args: string[]) => stage.run('upgrade', ...args, '--site', site);

  beforeAll(async () => {
    model = await startOpenaiServer('', 'served');
    model.instead = (_request, response) => response.end('{"object":"list","data":[]}');
    stage = await openContainerStage(site, tagged('18.9.0'), model.port);
    media = await ImageStage.open(join(stage.home, 'data'));
    await packed('first', ['18.9.0']);
    await media.import(['first']);
    await stage.write();
    const run = await stage.run('deploy', stage.siteFile);
    expect(run.exitCode, run.stderr).toBe(0);
  }, 600_000);
  afterAll(async () => {
    await stage?.close();
    for (const id of ids)
      await stage?.engine.docker
        .getImage(id)
        .remove({ force: true })
        .catch(() => undefined);
    await media?.close();
    await model?.stop();
  });

  it('names the commands that import and plan it, as this one was given', async () => {
    await packed('unread', ['18.9.1']);
    const args = ['--site', site, '--file', stage.siteFile, '--gitlab', '18.10', '--plan'];
    const { stdout } = await runSealift('--home', join(stage.home, 'data'), 'upgrade', media.at('unread'), ...args);
    const sealift = `sealift --home ${join(stage.home, 'data')}`;
    expect(stdout).toContain(`${sealift} import ${media.at('unread')}\n`);
    expect(stdout).toContain(`${sealift} upgrade --from-store --plan ${args.slice(0, -1).join(' ')}\n`);
  });

  it('keeps what it imported, and says so, when the upgrade is refused', async () => {
    await packed('unfit', ['18.9.2']);
    const run = await upgrade(media.at('unfit'), '--gitlab', '18.10');
    expect(run, run.stderr).toMatchObject({
      exitCode: 3,
      json: { error: { code: 'upgrade.no-gateway-image', details: { imported: { isComplete: true } } } },
    });
    expect(run.stderr).toContain(tagged('18.9.2'));
  });

  it('takes the newest gateway of the version, and keeps the rest of the site file', async () => {
    const [, , newest] = await packed('next', ['18.10.2', '18.11.0', '18.10.10']);
    const run = await upgrade(media.at('next'), '--gitlab', '18.10');
    expect(run, run.stderr).toMatchObject({
      exitCode: 0,
      json: { data: { state: 'upgraded', gitlab: '18.10', imported: { isComplete: true } } },
    });
    expect(await running()).toBe(newest);
    expect(await readFile(stage.siteFile, 'utf8')).toContain(`image: ${tagged('18.10.10')}`);
  });

  it('returns to the image whose name a newer import took, and removes it with the site', async () => {
    const before = await running();
    const [newest] = await packed('same-name', ['18.10.10']);
    const refused = await upgrade(media.at('same-name'));
    expect(refused).toMatchObject({ exitCode: 3, json: { error: { code: 'engine.tag-taken' } } });
    // As the refusal says; what runs keeps the image.
    await stage.engine.docker.getImage(tagged('18.10.10')).remove({ force: true });
    const run = await upgrade(media.at('same-name'));
    expect(run, run.stderr).toMatchObject({ exitCode: 0, json: { data: { state: 'upgraded' } } });
    expect(await running()).toBe(newest);
    expect(await stage.run('rollback', '--site', site)).toMatchObject({ json: { data: { state: 'rolled-back' } } });
    expect(await running()).toBe(before);
    expect(await readFile(join(stage.home, 'data/sites', site, 'site.yaml'), 'utf8')).toContain('@sha256:');
    const removed = await stage.run('uninstall', '--site', site, '--yes');
    expect(removed.exitCode, removed.stderr).toBe(0);
    expect((await stage.engine.docker.listImages({ all: true })).map((one) => one.Id)).not.toContain(before);
  });
});
