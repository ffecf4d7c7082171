import { expect, it, vi } from 'vitest';
import type { site } from '../../../src/shared/contract/site.ts';
import type { OutputOf } from '../../../src/shared/rpc/contract.ts';
import { SiteScene } from '../../scenes/site-scene.ts';

// Each test runs some ten commands one after another.
vi.setConfig({ testTimeout: 180_000 });

type Deployed = OutputOf<typeof site.deploy>;

/** Deploys and sends a signal as soon as the command names a step. Gives how it ended. */
async function deployUntil(scene: SiteScene, file: string, step: string, signal: NodeJS.Signals) {
  const { child, ended } = scene.start('deploy', file);
  let said = '';
  child.stderr?.on('data', (piece) => {
    const wasNamed = said.includes(step);
    said += String(piece);
    // Once: a second Ctrl-C, while the first is obeyed, ends the process at once.
    if (!wasNamed && said.includes(step)) child.kill(signal);
  });
  const end = await ended;
  expect(said).toContain(step);
  return end;
}

const moments = [
  'Folder for secrets',
  'Gateway validation key',
  'Service plan',
  'Site service',
  'Process of the model server',
  'Process of the SIMULATED AI Gateway',
  'Record what was deployed',
];

it('a deployment killed at any moment resumes when it runs again', async () => {
  const scene = await SiteScene.open();
  const file = await scene.writeSite();
  for (const step of moments) {
    const end = await deployUntil(scene, file, step, 'SIGKILL');
    expect(end).toMatchObject({ exitCode: null, stdout: '' });
  }
  const run = await scene.run('deploy', file);
  expect(run).toMatchObject({ exitCode: 0, json: { ok: true } });
  expect((run.json.data as Deployed).steps.filter((step) => step.state === 'made')).toEqual([]);
  expect(await scene.run('status')).toMatchObject({ exitCode: 0, json: { data: { findings: [] } } });
  expect(await scene.ask()).toMatchObject({ status: 200 });
});

it.each(['Process of the front', 'Gateway signing key'])(
  'Ctrl-C at "%s" ends with 130, and the next one works',
  async (step) => {
    const scene = await SiteScene.open();
    const file = await scene.writeSite();
    const end = await deployUntil(scene, file, step, 'SIGINT');
    expect(end).toMatchObject({ exitCode: 130, json: { ok: false, error: { code: 'interrupted' } } });
    expect((await scene.run('deploy', file)).json.error).toBeUndefined();
    expect(await scene.run('status')).toMatchObject({ exitCode: 0, json: { data: { findings: [] } } });
    expect(await scene.ask()).toMatchObject({ status: 200 });
  },
);

it('a kill right after a new service was requested leaves the site able to run', async () => {
  const scene = await SiteScene.open();
  expect((await scene.run('deploy', await scene.writeSite())).exitCode).toBe(0);
  const changed = await scene.writeSite((site) => {
    site.model.contextTokens = 2048;
  });
  await deployUntil(scene, changed, 'Site service', 'SIGKILL');
  const run = await scene.run('deploy', changed);
  expect(run.json.error).toBeUndefined();
  expect((await scene.condition()).site.service).toBe('running');
  expect(await scene.ask()).toMatchObject({ status: 200 });
});
