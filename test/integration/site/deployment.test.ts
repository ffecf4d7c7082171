import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { contract } from '../../../src/shared/contract/index.ts';
import type { site } from '../../../src/shared/contract/site.ts';
import type { Finding } from '../../../src/shared/finding.ts';
import type { OutputOf } from '../../../src/shared/rpc/contract.ts';
import { type Run, runSealift } from '../../run-sealift.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

// Each test runs some ten commands one after another.
vi.setConfig({ testTimeout: 180_000 });

type Status = OutputOf<typeof site.status>;
const findings = (run: Run) => (run.json.data as { findings: Finding[] }).findings;

/** Kills a deployment as soon as it names a step. */
async function killAt(scene: SiteScene, file: string, step: string): Promise<void> {
  const { child, ended } = scene.start('deploy', file);
  child.stderr?.on('data', (piece) => {
    if (String(piece).includes(step)) child.kill('SIGKILL');
  });
  await ended;
}

it('after a deployment that was killed, status and start name the command that goes on', async () => {
  const scene = await SiteScene.open();
  const file = await scene.writeSite();
  const goesOn = `sealift --home ${scene.home} deploy ${file}`;
  // Each goes on from where the one before was killed.
  for (const step of ['Folder for secrets', 'Service plan', 'Process of the front']) {
    await killAt(scene, file, step);
    const status = await scene.run('status');
    expect(status.exitCode, step).toBe(1);
    expect(findings(status)[0], step).toMatchObject({
      id: 'site.deploy-interrupted',
      severity: 'red',
      remedies: [{ kind: 'call', command: goesOn }],
    });
    expect(status.stdout, step).not.toMatch(/sealift start|SITE\.yaml/);
    const start = await scene.run('start');
    expect(start, step).toMatchObject({ exitCode: 3, json: { error: { code: 'site.deploy-interrupted' } } });
    expect(JSON.parse(start.stdout).error.remedies, step).toMatchObject([{ command: goesOn }]);
  }
  // As a person would run it.
  const [, ...words] = goesOn.split(' ');
  expect((await scene.run(...words)).exitCode).toBe(0);
  expect(findings(await scene.run('status'))).toEqual([]);
  expect((await scene.run('start')).exitCode).toBe(0);
});

it('quotes the path of a site file, and names its copy when the file itself is gone', async () => {
  const scene = await SiteScene.open();
  const file = await scene.writeSite(undefined, "it's a site.yaml");
  await killAt(scene, file, 'Process of the front');
  const command = async () => JSON.parse((await scene.run('status')).stdout).data.findings[0].remedies[0].command;
  expect(await command()).toContain(`'${scene.folder}/it'\\''s a site.yaml'`);
  await rm(file);
  expect(await command()).toContain(`deploy ${scene.paths().siteFile}`);
});

it('a running deployment is reported', async () => {
  const scene = await SiteScene.open();
  const { child, ended } = scene.start('deploy', await scene.writeSite());
  await new Promise((resolve) =>
    child.stderr?.on('data', (piece) => String(piece).includes('Process of') && resolve(0)),
  );
  child.kill('SIGSTOP');
  expect(findings(await scene.run('status'))[0]).toMatchObject({ id: 'site.deploying', severity: 'amber' });
  child.kill('SIGCONT');
  expect((await ended).exitCode).toBe(0);
  expect(findings(await scene.run('status'))).toEqual([]);
});

it('a cancelled deployment does not look running because its process continues', async () => {
  const scene = await SiteScene.open();
  const siteFile = await scene.writeSite();
  await scene.withCore(async ({ client, follow }) => {
    const started = await client.site.deploy({ siteFile });
    await vi.waitFor(() => readFile(scene.paths().deployment), 20_000);
    await client.jobs.cancel(started);
    await expect(follow(contract.site.deploy, Promise.resolve(started))).rejects.toMatchObject({ code: 'interrupted' });
    expect((await client.site.status({})).findings[0]).toMatchObject({
      id: 'site.deploy-interrupted',
      howWeKnow: expect.stringContaining('failed or was cancelled at'),
    });
    await follow(contract.site.deploy, client.site.deploy({ siteFile }));
    expect((await client.site.status({})).findings).toEqual([]);
  });
});

describe('a deployed site', () => {
  let scene: SiteScene;
  beforeAll(async () => {
    scene = await SiteScene.deployed();
  });
  afterAll(() => scene?.close());

  it('an empty site name is refused and never means the only site', async () => {
    for (const name of ['status', 'logs', 'start', 'stop', 'uninstall']) {
      const run = await scene.run(name, '--site', '');
      expect(run).toMatchObject({ exitCode: 2, json: { error: { code: 'usage.invalid' } } });
      expect(run.json.error?.message).toContain('empty');
    }
  });

  it('status and probe name the fields in which the site file differs from what is deployed', async () => {
    const file = await scene.writeSite();
    await writeFile(file, `# A remark changes nothing.\n${await readFile(file, 'utf8')}`);
    expect(findings(await scene.run('status', file))).toEqual([]);
    await scene.writeSite((site) => {
      site.model.contextTokens = 2048;
      site.features = ['CODE_COMPLETIONS'];
    });
    const differs = {
      id: 'site.file-differs',
      severity: 'amber',
      title: `plant: ${file} differs from what is deployed: model.contextTokens, features`,
      remedies: [{ command: `sealift --home ${scene.home} deploy ${file} --plan` }],
    };
    for (const command of [['status'], ['status', file], ['probe', file]])
      expect(findings(await scene.run(...command))).toMatchObject([differs]);
    // The probe has a failed hop.
    expect((await scene.run('status')).exitCode).toBe(1);
    const shown = await runSealift('--home', scene.home, 'status');
    expect(shown.stdout).toMatch(/■ plant: the last probe failed at .* diagnose SITE\.yaml --last/);
    const other = await scene.writeSite(undefined, 'same.yaml');
    expect(findings(await scene.run('status', other))).toEqual([]);
    expect(findings(await scene.run('probe', other))).toEqual([]);
    await writeFile(file, 'garbage');
    expect(findings(await scene.run('status'))).toMatchObject([{ id: 'site.file-differs' }]);
    await rm(file);
    expect(findings(await scene.run('status'))).toEqual([]);
  });

  it('diagnoses what a fresh probe finds, or the last one without asking anyone', async () => {
    const file = await scene.writeSite(undefined, 'diagnosed.yaml');
    await rm(join(scene.paths().evidence, 'probe.json'), { force: true });
    const none = await scene.run('diagnose', file, '--last');
    expect(none).toMatchObject({ exitCode: 3, json: { error: { code: 'probe.none' } } });
    const fresh = await scene.run('diagnose', file);
    expect(fresh).toMatchObject({
      exitCode: 1,
      json: { data: { causes: [{ id: 'P7' }], failedHop: { hop: 'gitlab-connection-check', simulated: true } } },
    });
    expect(await scene.run('diagnose', file, '--last')).toMatchObject({ exitCode: 1, json: fresh.json });
    const forPeople = await runSealift('--home', scene.home, 'diagnose', file, '--last');
    expect(forPeople.stdout).toContain('First failed hop: SIMULATED ');
    expect(forPeople.stdout).toContain('■ SIMULATED ');
  });

  it('names the command that fixes a damaged plan, and reports a plan or state of another version', async () => {
    const file = await scene.writeSite();
    const { servicePlan, serviceState } = scene.paths();
    const fixes = [{ command: `sealift --home ${scene.home} deploy ${file}` }];
    const whole = await readFile(servicePlan, 'utf8');
    for (const text of ['', '\0\0\0', whole.slice(0, 40), '[1', '{"version":1,"site":"plant"}']) {
      await writeFile(servicePlan, text);
      const status = await scene.run('status');
      expect(status.exitCode).toBe(1);
      expect(findings(status)).toMatchObject([{ id: 'site.plan-damaged', severity: 'red', remedies: fixes }]);
    }
    await writeFile(servicePlan, whole.replace('"version": 1', '"version": 2'));
    expect(findings(await scene.run('status'))[0]?.howWeKnow).toContain('format 2');
    const start = await scene.run('start');
    expect(start).toMatchObject({ exitCode: 4, json: { error: { code: 'site.plan-damaged', remedies: fixes } } });
    await scene.run('stop');
    await writeFile(serviceState, JSON.stringify({ version: 7 }));
    const stopped = (await scene.run('status')).json.data as Status;
    expect(stopped.findings.find((one) => one.id === 'site.service-not-running')?.howWeKnow).toContain('format 7');
  });
});
