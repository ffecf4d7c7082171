import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { showPlan } from '../../../src/main/core/site/deploy/deploy-site.ts';
import { testPorts } from '../../scenes/site-scene.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'sealift-plan-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function planned(simulated: boolean, version = '18.9') {
  const kind = simulated ? 'simulated' : 'existing';
  const site = {
    sealift: 1,
    name: 'lab',
    gitlab: { url: simulated ? 'http://127.0.0.1:8085' : 'https://gitlab.example', version, simulated },
    gateway: { kind, ...(!simulated && { host: '10.0.0.5' }) },
    model: { engine: 'external', name: 'm', servedName: 'm', endpoint: 'http://10.0.0.9:8001/v1' },
    front: { host: '127.0.0.1', port: 8000 },
  };
  const file = join(home, 'site.yaml');
  await writeFile(file, stringify(site));
  const { steps, findings } = await showPlan(testPorts(home), { path: file });
  return { steps: steps.map((one) => one.id), findings: findings.map((one) => one.id) };
}

describe('the plan of a site', () => {
  it('has no stand-ins and no keys for a gateway that exists, and none for the Agent Platform that a stand-in lacks', async () => {
    const own = ['folder.stand-ins', 'secret.aigw_signing.key', 'secret.aigw_validation.key'];
    const simulated = (await planned(true)).steps;
    expect(simulated).toEqual(expect.arrayContaining(own));
    expect(simulated.filter((id) => id.startsWith('secret.duo'))).toEqual([]);
    const { steps } = await planned(false);
    expect(steps.filter((id) => /stand-ins|^secret[.](aigw|duo)/.test(id))).toEqual([]);
    expect(steps).toContain('secret.front-api-key');
  });

  it('says that GitLab is newer than what Sealift knows', async () => {
    expect((await planned(false, '19.9')).findings).toContain('gitlab.newer-than-known');
    expect((await planned(false)).findings).not.toContain('gitlab.newer-than-known');
  });
});
