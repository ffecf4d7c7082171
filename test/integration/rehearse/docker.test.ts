import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectEngine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { clearEngine, engineMarks } from '../../../src/main/core/rehearse/rehearsal-engine.ts';
import { reportData } from '../../../src/main/core/report/report-data.ts';
import { siteMark } from '../../../src/main/core/sites/engine-owner.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import { rehearse } from '../../../src/shared/contract/rehearse.ts';
import { missing } from '../../needs.ts';
import { runSealift, startSealift, untilSays } from '../../run-sealift.ts';
import { dockerIsThere } from '../../scenes/docker-is-there.ts';

const lacks = process.platform !== 'linux' || missing('a running dockerd', dockerIsThere);

describe.skipIf(lacks)('rehearse with Docker', { timeout: 400_000 }, () => {
  let folder = '';
  let root = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-rehearse-docker-'));
    root = join(folder, 'home', 'rehearsal');
  });
  afterEach(async () => {
    const left = await traces();
    await clearEngine(await connectEngine(engineAddress(undefined)), await marks());
    await rm(folder, { recursive: true, force: true });
    expect(left).toEqual([]);
  });

  const marks = async () =>
    engineMarks(root, (await siteMark(sitePaths(join(folder, 'home/sites'), 'rehearsal'))).owner);

  /** What an engine shows that has to do with rehearsals of this folder, in each of its listings. */
  async function traces(): Promise<string[]> {
    const { docker } = await connectEngine(engineAddress(undefined));
    const { site, labels } = await marks();
    const [containers, networks, volumes, images] = await Promise.all([
      docker.listContainers({ all: true }),
      docker.listNetworks(),
      docker.listVolumes(),
      docker.listImages({ all: true }),
    ]);
    const ours = images.filter((one) =>
      Object.entries(labels).every(([key, value]) => (one.Labels as Record<string, string> | null)?.[key] === value),
    );
    return [
      ...containers.map((one) => `container ${one.Names[0]}`),
      ...networks.map((one) => `network ${one.Name}`),
      ...(volumes.Volumes ?? []).map((one) => `volume ${one.Name}`),
      ...images.flatMap((one) => (one.RepoTags ?? []).map((tag) => `image ${tag}`)),
    ]
      .filter((line) => line.includes(site))
      .concat(ours.map((one) => `image ${one.Id}`));
  }

  const args = (...more: string[]) => ['--home', join(folder, 'home'), 'rehearse', '--json', ...more];
  const start = () => startSealift(args()).child;

  it('packs, imports and runs the gateway as a container, reports it, and leaves the engine as it was', async () => {
    const { exitCode, json, stderr } = await runSealift(...args());
    expect(exitCode, stderr).toBe(0);
    const data = rehearse.run.output.parse(json.data);
    const { site, reference } = await marks();
    expect(data.docker).toEqual({
      isUsed: true,
      version: (await connectEngine(engineAddress(undefined))).version,
      image: { reference, imageId: expect.stringMatching(/^sha256:/), path: 'registry' },
      container: `sealift-${site}-gateway`,
    });
    expect(data.probe.map((hop) => hop.ok)).not.toContain(false);
    const simulated = data.probe.filter((hop) => hop.simulated).map((hop) => hop.hop);
    expect(simulated).toEqual(expect.arrayContaining(['gateway-health', 'gateway-prompt-check', 'gitlab-completion']));
    expect(data.probe.find((hop) => hop.hop === 'gateway-prompt-check')?.answer).toContain('rehearsal model');
    expect(data.simulated).toEqual(['GitLab', `container sealift-${site}-gateway`]);

    const report = reportData.parse(JSON.parse(await readFile(data.report.replace(/html$/, 'json'), 'utf8')));
    expect(report.deploy?.containers).toMatchObject([{ part: 'gateway', image: reference, simulated: true }]);
    expect(report.imports[0]?.images).toMatchObject([{ reference, path: 'registry' }]);
    expect(report.imports[0]?.media.map((medium) => medium.sizeBytes > 10_000_000)).toEqual([true, true]);
    const page = await readFile(data.report, 'utf8');
    expect(page).toContain(`sealift-${site}-gateway <span class="badge amber">SIMULATED</span>`);
    expect((await readdir(data.dir)).sort()).toEqual(['.sealift-rehearsal', 'report']);
  });

  it('leaves nothing in the engine after Ctrl-C, wherever it is', async () => {
    for (const words of ['make an image', 'pack and sign', 'Bring 1 image', 'apply the settings']) {
      const child = start();
      await untilSays(child, words);
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      expect(code, words).toBe(130);
      expect(await traces(), words).toEqual([]);
      expect((await readdir(root)).sort(), words).toEqual(['.sealift-rehearsal']);
    }
  });

  it('removes what a killed one left in the engine, also when the next is without Docker', async () => {
    for (const words of ['pack and sign', 'probe every hop']) {
      const child = start();
      await untilSays(child, words);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await traces(), words).not.toEqual([]);
    }
    const next = await runSealift(...args('--no-docker'));
    expect(next.exitCode, next.stderr).toBe(0);
    expect(next.json.data).toMatchObject({ docker: { isUsed: false } });
  });

  it('removes what it made after a run that failed', async () => {
    const child = start();
    await untilSays(child, 'apply the settings');
    const { docker } = await connectEngine(engineAddress(undefined));
    await docker.getContainer(`sealift-${(await marks()).site}-gateway`).stop({ t: 0 });
    const [code] = await once(child, 'exit');
    expect(code).toBe(4);
  });
});
