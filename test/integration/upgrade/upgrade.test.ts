import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeState, writeUpgrade } from '../../../src/main/core/sites/upgrade-record.ts';
import { startOpenaiServer } from '../../fakes/openai-server.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

describe('an upgrade of a deployed site', { timeout: 600_000 }, () => {
  let scene: SiteScene;
  let file: string;
  beforeAll(async () => {
    scene = await SiteScene.deployed();
    file = `${scene.folder}/site.yaml`;
    const applied = await scene.run('gitlab', 'apply', file);
    if (applied.exitCode !== 0) throw new Error(applied.stdout);
  }, 600_000);
  afterAll(() => scene?.close());
  const upgrade = (...args: string[]) => scene.run('upgrade', '--from-store', ...args);
  const deployedText = () => readFile(scene.paths().siteFile, 'utf8');
  const expectWorking = async () => {
    expect(await scene.run('status')).toMatchObject({ exitCode: 0, json: { data: { findings: [] } } });
    expect(await scene.ask()).toMatchObject({ status: 200 });
    expect(existsSync(scene.paths().upgrade)).toBe(false);
  };

  it('needs media or the store, not both', async () => {
    for (const args of [['upgrade'], ['upgrade', '/nowhere', '--from-store']])
      expect(await scene.run(...args)).toMatchObject({ exitCode: 2, json: { error: { code: 'usage.invalid' } } });
  });

  it('has nothing to return to before it', async () => {
    expect(await scene.run('rollback')).toMatchObject({
      exitCode: 3,
      json: { error: { code: 'upgrade.no-previous' } },
    });
  });

  it('shows what would change and changes nothing', async () => {
    const before = await deployedText();
    const run = await upgrade('--gitlab', '18.10', '--plan');
    expect(run, run.stderr).toMatchObject({
      exitCode: 0,
      json: {
        data: {
          from: '18.9',
          to: '18.10',
          fields: [{ field: 'gitlab.version', before: '"18.9"', after: '"18.10"' }],
        },
      },
    });
    expect(await deployedText()).toBe(before);
    await expectWorking();
  });

  it('deploys the new version, probes it, keeps the earlier state and rolls back to it', async () => {
    const before = await readFile(file, 'utf8');
    const run = await upgrade('--gitlab', '18.10');
    expect(run, run.stderr).toMatchObject({ exitCode: 0, json: { data: { state: 'upgraded', gitlab: '18.10' } } });
    expect(await readFile(file, 'utf8')).toContain('version: "18.10"');
    expect(await deployedText()).toBe(await readFile(file, 'utf8'));
    await expectWorking();
    expect(await upgrade()).toMatchObject({ exitCode: 0, json: { data: { state: 'unchanged' } } });
    expect(await scene.run('rollback')).toMatchObject({
      exitCode: 0,
      json: { data: { state: 'rolled-back', gitlab: '18.9' } },
    });
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await deployedText()).toBe(before);
    await expectWorking();
    expect(await scene.run('rollback')).toMatchObject({ exitCode: 3 });
  });

  it('returns to the earlier state when a hop fails that answered before', async () => {
    const before = await deployedText();
    const model = await startOpenaiServer('', 'm');
    // The front finds it healthy; what it answers to a chat is nonsense.
    model.instead = (_request, response) => response.end('{"object":"list","data":[]}');
    try {
      const next = await scene.writeSite((site) => {
        site.model = { engine: 'external', name: 'm', servedName: 'm', endpoint: `http://127.0.0.1:${model.port}/v1` };
      }, 'next.yaml');
      const run = await upgrade('--file', next);
      expect(run, run.stderr).toMatchObject({
        exitCode: 1,
        json: { data: { state: 'returned', findings: [{ id: 'upgrade.returned', severity: 'red' }] } },
      });
      expect(run.stdout).toContain('which answered before');
    } finally {
      await model.stop();
    }
    expect(await deployedText()).toBe(before);
    await expectWorking();
  });

  it('names what is missing and touches nothing', async () => {
    const next = await scene.writeSite((site) => {
      site.model = { ...site.model, name: 'absent' };
    }, 'absent.yaml');
    expect(await upgrade('--file', next)).toMatchObject({
      exitCode: 3,
      json: { error: { code: 'site.model-missing' } },
    });
    await expectWorking();
  });

  it('is marked while it is unfinished, and then resumed or undone', async () => {
    const paths = scene.paths();
    const old = await deployedText();
    const interrupt = async () => {
      await writeState(paths, 'old', old);
      await writeState(paths, 'new', old.replace('18.9', '18.10'));
      const about = {
        siteFile: file,
        siteFileBefore: file,
        startedAt: '2026-01-01T00:00:00.000Z',
        hopsBefore: ['model-direct'],
      };
      await writeUpgrade(paths, { version: 1, phase: 'switching', ...about });
    };
    await interrupt();
    expect(await scene.run('status')).toMatchObject({
      exitCode: 0,
      json: {
        data: {
          findings: [
            {
              id: 'site.upgrade-unfinished',
              severity: 'amber',
              remedies: [
                { command: expect.stringContaining('upgrade --from-store --site plant') },
                { command: expect.stringContaining('rollback --site plant') },
              ],
            },
          ],
        },
      },
    });
    expect(await scene.run('rollback')).toMatchObject({ exitCode: 0, json: { data: { state: 'rolled-back' } } });
    await expectWorking();
    await interrupt();
    expect(await upgrade()).toMatchObject({ exitCode: 0, json: { data: { state: 'upgraded', gitlab: '18.10' } } });
    expect(await scene.run('rollback')).toMatchObject({ exitCode: 0, json: { data: { gitlab: '18.9' } } });
    await expectWorking();
  });

  it('leaves a site file alone that someone changed after the upgrade', async () => {
    expect(await upgrade('--gitlab', '18.10')).toMatchObject({ exitCode: 0 });
    const changed = `${await readFile(file, 'utf8')}# by hand\n`;
    await writeFile(file, changed);
    expect(await scene.run('rollback')).toMatchObject({ exitCode: 0 });
    expect(await readFile(file, 'utf8')).toBe(changed);
  });
});
