import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { GitlabPlan, GitlabResult } from '../../../src/shared/contract/gitlab.ts';
import type { ProbeResult } from '../../../src/shared/contract/probe.ts';
import type { Finding } from '../../../src/shared/finding.ts';
import type { siteFile } from '../../../src/shared/site-file.ts';
import { SiteScene } from '../../scenes/site-scene.ts';
import { withTwoModels } from '../../scenes/two-models.ts';

type Models = z.input<typeof siteFile>['models'];

let scene: SiteScene;
let file: string;
beforeAll(async () => {
  scene = await SiteScene.deployed(withTwoModels);
  file = join(scene.folder, 'site.yaml');
});
afterAll(() => scene?.close());

/** What the front answers to a request for a model. */
async function ask(model?: string): Promise<{ status: number; text: string }> {
  const key = (await readFile(join(scene.paths().secrets, 'front-api-key'), 'utf8')).trim();
  const answer = await fetch(`http://127.0.0.1:${scene.ports.front}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello?' }] }),
  });
  return { status: answer.status, text: await answer.text() };
}

const said = { status: 200, text: expect.stringContaining("Sealift's rehearsal model") };

describe('a site with two models', () => {
  it('runs an engine for each, before the front, and shows what they need together', async () => {
    const { site, parts, findings } = await scene.condition();
    expect(findings).toEqual([]);
    expect(site.models).toEqual(['coder', 'talker']);
    expect(parts.map(({ name, kind, state }) => [name, kind, state])).toEqual([
      ['model-coder', 'llamacpp', 'running'],
      ['model-talker', 'llamacpp', 'running'],
      ['front', 'front', 'running'],
      ['gitlab', 'simulated-gitlab', 'running'],
      ['gateway', 'simulated-gateway', 'running'],
    ]);
    const plan = (await scene.run('deploy', file, '--plan')).json.data as {
      steps: { id: string; title: string; state: string }[];
      findings: Finding[];
    };
    expect(plan.findings).toMatchObject([
      { id: 'site.models-memory', severity: 'green', howWeKnow: expect.stringMatching(/coder \d.*, talker \d/) },
    ]);
    expect(plan.steps.every((one) => one.state === 'exists')).toBe(true);
    const engines = plan.steps.filter((one) => one.id.startsWith('process.model-'));
    expect(engines.map((one) => one.title)).toEqual([
      'Process of the model server (llama.cpp) of coder',
      'Process of the model server (llama.cpp) of talker',
    ]);
  });

  it('shows the memory of each next to its estimate', async () => {
    const { parts } = (await scene.run('status')).json.data as {
      parts: { name: string; serving?: { contextTokens: number; measured: object | null } }[];
    };
    const serving = parts.flatMap((one) => (one.serving ? [[one.name, one.serving.contextTokens]] : []));
    expect(serving).toEqual([
      ['model-coder', 1024],
      ['model-talker', 512],
    ]);
    expect(parts.every((one) => one.serving?.measured !== null)).toBe(true);
  });

  it('is asked by the served name', async () => {
    expect(await ask('coder')).toMatchObject(said);
    expect(await ask('talker')).toMatchObject(said);
    expect(await ask('other')).toMatchObject({ status: 404, text: expect.stringContaining('model_not_found') });
    expect(await ask()).toMatchObject({ status: 400 });
    expect((await scene.run('ask', 'Hello?', '--model', 'talker')).json).toMatchObject({ ok: true });
    expect((await scene.run('ask', 'Hello?')).json.error).toMatchObject({
      code: 'site.which-model',
      details: { known: ['coder', 'talker'] },
    });
  });

  it('keeps answering for one while the other is restarted', async () => {
    const before = await scene.pids();
    process.kill(before['model-talker'] ?? 0, 'SIGKILL');
    expect(await ask('coder')).toMatchObject(said);
    await scene.until(({ parts }) =>
      parts.some((one) => one.name === 'model-talker' && one.state === 'running' && one.pid !== before['model-talker']),
    );
    // The front learns the new address a moment after the state shows it.
    await expect.poll(() => ask('talker'), { timeout: 30_000 }).toMatchObject(said);
    expect(await scene.pids()).toMatchObject({ front: before.front, 'model-coder': before['model-coder'] });
  });

  it('restarts, adds and removes only the models that change, behind the same front', async () => {
    const before = await scene.pids();
    const untouched = { service: before.service, front: before.front, 'model-coder': before['model-coder'] };
    const deployed = async (name: string, change: (models: NonNullable<Models>) => void) => {
      const other = await scene.writeSite((site) => {
        withTwoModels(site);
        change(site.models ?? []);
      }, name);
      const planned = (await scene.run('deploy', other, '--plan')).json.data as {
        steps: { id: string; state: string }[];
      };
      const run = await scene.run('deploy', other);
      expect(run.exitCode, run.stderr).toBe(0);
      expect(await scene.pids()).toMatchObject(untouched);
      return planned.steps.filter((one) => one.state !== 'exists' && /^process\.(model|gitlab|gateway)/.test(one.id));
    };
    const longer = await deployed('longer.yaml', ([, talker]) => {
      if (talker) talker.contextTokens = 768;
    });
    expect(longer).toMatchObject([{ id: 'process.model-talker', state: 'will-change' }]);
    expect((await scene.pids())['model-talker']).not.toBe(before['model-talker']);
    await expect.poll(() => ask('talker'), { timeout: 30_000 }).toMatchObject(said);

    const more = await deployed('more.yaml', (models) => {
      const [coder] = models;
      if (coder) coder.features = ['CODE_COMPLETIONS'];
      const own = { engine: 'llamacpp' as const, name: 'tiny', contextTokens: 512 };
      models.push({ ...own, servedName: 'extra', features: ['CODE_GENERATIONS'] });
    });
    expect(more.map(({ id, state }) => [id, state])).toEqual([
      ['process.model-talker', 'will-change'],
      ['process.model-extra', 'will-be-made'],
    ]);
    await expect.poll(() => ask('extra'), { timeout: 30_000 }).toMatchObject(said);

    const { 'model-talker': talker } = await scene.pids();
    await deployed('site.yaml', () => undefined);
    expect(await scene.pids()).toMatchObject({ 'model-talker': talker });
    expect(await scene.pids()).not.toHaveProperty('model-extra');
    expect(await ask('extra')).toMatchObject({ status: 404 });
    expect(await ask('coder')).toMatchObject(said);
  });

  it('has steps for each model in the plan of GitLab', async () => {
    const plan = (await scene.run('gitlab', 'plan', file)).json.data as GitlabPlan;
    const repeated = plan.steps.filter((one) => /-(coder|talker)$/.test(one.id));
    expect(repeated.map((one) => one.id)).toEqual([
      'model-graphql-coder',
      'model-graphql-talker',
      'features-graphql-coder',
      'features-graphql-talker',
    ]);
    expect(repeated[1]?.how).toEqual(
      expect.arrayContaining(['name: plant-talker', 'identifier: custom_openai/talker']),
    );
    expect(repeated[3]?.how).toEqual(['features: DUO_CHAT', 'provider: SELF_HOSTED, with the id of plant-talker']);
    expect(plan.steps.filter((one) => one.id === 'beta-terms')).toHaveLength(1);
    expect(JSON.stringify(plan.steps)).not.toMatch(/<\w+>/);
  });

  it('is set up in GitLab model by model, each for its features', async () => {
    const applied = (await scene.run('gitlab', 'apply', file)).json.data as GitlabResult;
    expect(applied.applied.every((one) => one.after === one.wanted)).toBe(true);
    const features = applied.applied.filter((one) => one.setting.startsWith('feature '));
    expect(features.map((one) => [one.setting, one.after])).toEqual([
      ['feature CODE_COMPLETIONS', 'SELF_HOSTED plant-coder'],
      ['feature CODE_GENERATIONS', 'SELF_HOSTED plant-coder'],
      ['feature DUO_CHAT', 'SELF_HOSTED plant-talker'],
    ]);
    const steps = applied.steps?.filter((one) => /-(coder|talker)$/.test(one.id));
    expect(steps).toHaveLength(4);
    expect(steps?.filter((one) => one.state !== 'done' || one.differing.length > 0)).toEqual([]);
  });

  it('is probed model by model', async () => {
    const probed = (await scene.run('probe', file)).json.data as ProbeResult;
    expect(probed.hops.filter((one) => !one.ok)).toEqual([]);
    expect(probed.hops.map((one) => one.hop)).toEqual([
      'model-coder',
      'model-talker',
      'gateway-health',
      'gateway-prompt-check-coder',
      'gateway-prompt-check-talker',
      'gitlab-connection-check-coder',
      'gitlab-connection-check-talker',
      'gitlab-completion',
    ]);
  });

  it('is reported with each model', async () => {
    const out = join(scene.folder, 'report');
    expect((await scene.run('report', file, '--out', out)).json).toMatchObject({ ok: true });
    const page = (await readFile(join(out, 'report.html'), 'utf8')).replace(/<[^>]+>/g, '');
    expect(page).toContain('served as coder for CODE_COMPLETIONS, CODE_GENERATIONS');
    expect(page).toContain('Memory of the model server talker');
  });

  it('is stopped and started as a whole', async () => {
    expect((await scene.run('stop', '--site', 'plant')).json).toMatchObject({ ok: true });
    expect((await scene.run('start', '--site', 'plant')).json).toMatchObject({ ok: true });
    expect(await ask('talker')).toMatchObject(said);
  });

  it('is removed as a whole, with the weights that only it used', async () => {
    expect((await scene.run('uninstall', '--yes', '--site', 'plant')).json).toMatchObject({ ok: true });
    await expect(stat(scene.paths().folder)).rejects.toThrow('ENOENT');
    await expect(stat(join(scene.home, 'store/models/tiny'))).rejects.toThrow('ENOENT');
  });
});
