import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeState, writeUpgrade } from '../../../src/main/core/sites/upgrade-record.ts';
import { startOpenaiServer } from '../../fakes/openai-server.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

describe('an upgrade whose record was not closed, or whose site did not answer', { timeout: 600_000 }, () => {
  let scene: SiteScene;
  let file: string;
  beforeAll(async () => {
    scene = await SiteScene.deployed();
    file = await scene.writeSite();
  }, 600_000);
  afterAll(() => scene?.close());
  const deployedText = () => readFile(scene.paths().siteFile, 'utf8');
  const upgrade = (...args: string[]) => scene.run('upgrade', '--from-store', ...args);

  it('is done although the site file cannot be written, and says how to write it', async () => {
    // No name of a temporary file fits next to it.
    const unwritable = await scene.writeSite(
      (site) => {
        site.gitlab.version = '18.10';
      },
      `${'s'.repeat(245)}.yaml`,
    );
    expect(await scene.run('deploy', unwritable)).toMatchObject({ exitCode: 0 });
    const before = await readFile(unwritable, 'utf8');
    const notWritten = {
      id: 'upgrade.file-not-written',
      severity: 'amber',
      remedies: [expect.objectContaining({ command: `cp ${scene.paths().siteFile} ${unwritable}` })],
    };
    const run = await upgrade('--gitlab', '18.11');
    expect(run, run.stdout).toMatchObject({ exitCode: 0, json: { data: { state: 'upgraded', gitlab: '18.11' } } });
    expect((run.json.data as { findings: object[] }).findings).toContainEqual(expect.objectContaining(notWritten));
    expect(await deployedText()).toContain('18.11');
    expect(await readFile(unwritable, 'utf8')).toBe(before);
    expect(existsSync(scene.paths().upgrade)).toBe(false);
    expect(await scene.run('rollback')).toMatchObject({ json: { data: { state: 'rolled-back', gitlab: '18.10' } } });
    expect(await scene.run('deploy', file)).toMatchObject({ exitCode: 0 });
  });

  it('says which hop answered before and was not checked after it', async () => {
    const probed = await scene.run('probe', file);
    const [unasked] = (probed.json.data as { notChecked: { hop: string; title: string; reason: string }[] }).notChecked;
    expect(unasked).toBeDefined();
    const { hop, title, reason } = unasked ?? { hop: '', title: '', reason: '' };
    for (const state of ['old', 'new'] as const) await writeState(scene.paths(), state, await deployedText());
    const about = { siteFile: file, siteFileBefore: file, startedAt: '2026-01-01T00:00:00.000Z', hopsBefore: [hop] };
    await writeUpgrade(scene.paths(), { version: 1, phase: 'done', ...about });
    const { findings } = (await upgrade()).json.data as { findings: object[] };
    expect(findings).toContainEqual(
      expect.objectContaining({
        id: `upgrade.not-asked.${hop}`,
        severity: 'amber',
        title: `plant: not checked again: ${title}`,
        consequence: expect.stringContaining(reason),
      }),
    );
  });

  it('goes on to what the site file says meanwhile after it closed an earlier one', async () => {
    for (const state of ['old', 'new'] as const) await writeState(scene.paths(), state, await deployedText());
    const about = { siteFile: file, siteFileBefore: file, startedAt: '2026-01-01T00:00:00.000Z', hopsBefore: [] };
    await writeUpgrade(scene.paths(), { version: 1, phase: 'done', ...about });
    const before = await readFile(file, 'utf8');
    await writeFile(file, before.replace('18.9', '18.10'));
    expect(await upgrade()).toMatchObject({ json: { data: { state: 'upgraded', gitlab: '18.10' } } });
    expect(await deployedText()).toContain('18.10');
    await writeFile(file, before);
    expect(await scene.run('rollback')).toMatchObject({ json: { data: { state: 'rolled-back', gitlab: '18.9' } } });
  });

  it('goes on to the version that is asked for after it closed an earlier one', async () => {
    for (const state of ['old', 'new'] as const) await writeState(scene.paths(), state, await deployedText());
    const about = { siteFile: file, siteFileBefore: file, startedAt: '2026-01-01T00:00:00.000Z', hopsBefore: [] };
    await writeUpgrade(scene.paths(), { version: 1, phase: 'done', ...about });
    const run = await upgrade('--gitlab', '18.10');
    expect(run).toMatchObject({ json: { data: { state: 'upgraded', gitlab: '18.10' } } });
  });

  it('refuses a name that the site file contradicts', async () => {
    for (const args of [
      ['upgrade', '--from-store', '--file', file, '--site', 'other'],
      ['status', '--site', 'none', file],
    ])
      expect(await scene.run(...args)).toMatchObject({ exitCode: 2, json: { error: { code: 'site.other-name' } } });
  });

  it('rolls the last one back although a later run was killed before it wrote its record', async () => {
    await writeState(scene.paths(), 'old', await deployedText());
    const run = await scene.run('rollback');
    expect(run, run.stdout).toMatchObject({ json: { data: { state: 'rolled-back', gitlab: '18.9' } } });
    expect(existsSync(scene.paths().upgrade)).toBe(false);
  });

  it('is red when a hop fails that could not be asked before, because the site was stopped', async () => {
    const model = await startOpenaiServer('', 'm');
    model.instead = (_request, response) => response.end('{"object":"list","data":[]}');
    try {
      const next = await scene.writeSite((site) => {
        site.model = { engine: 'external', name: 'm', servedName: 'm', endpoint: `http://127.0.0.1:${model.port}/v1` };
      }, 'next.yaml');
      await scene.run('stop');
      const failing = (consequence: string) => ({
        exitCode: 1,
        json: { data: { findings: [{ id: 'upgrade.probe-red', severity: 'red', consequence }] } },
      });
      const notAsked = failing('It could not be asked before the upgrade, so whether it answered then is not known.');
      expect(await upgrade('--file', next)).toMatchObject(notAsked);
    } finally {
      await model.stop();
    }
  });
});
