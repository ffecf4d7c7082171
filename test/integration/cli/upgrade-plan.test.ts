import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readBundleSpec } from '../../../src/main/core/bundle/sources/read-bundle-spec.ts';
import { runHere } from '../../run-here.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-upgrade-plan-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const at = (...names: string[]) => join(folder, ...names);
const sealift = (...args: string[]) => runHere('--home', at('home'), ...args);
const takeInventory = (...args: string[]) =>
  sealift('inventory', '--engine', 'none', '--out', at('inventory.json'), ...args);
const siteOf = async () => JSON.parse(await readFile(at('inventory.json'), 'utf8')).site;

/** A site file as a deployment keeps it. */
async function putSite(name: string, change: (text: string) => string = (text) => text): Promise<void> {
  await mkdir(at('home/sites', name), { recursive: true });
  const text = await readFile('resources/examples/site.yaml', 'utf8');
  await writeFile(at('home/sites', name, 'site.yaml'), change(text).replace(/^( *)name: .*$/m, `$1name: ${name}`));
}

it('goes from a deployed site to the description of a bundle', async () => {
  await putSite('duo');
  expect((await takeInventory()).exitCode).toBe(0);
  const site = await siteOf();
  expect(site).toMatchObject({ gitlab: expect.stringMatching(/^1\d\./), fips: false });
  expect(await readFile(at('inventory.json'), 'utf8')).not.toContain('duo');
  const from = ['upgrade', 'plan', '--from', at('inventory.json')];
  const planned = await sealift(...from, '--to', '19.5', '--write', at('bundle.yaml'));
  expect([planned.exitCode, planned.stderr]).toEqual([0, '']);
  expect(planned.stdout).toContain(`From GitLab ${site.gitlab} (as the inventory says) to 19.5`);
  expect(planned.stdout).toContain('self-hosted-v19.5.*-ee');
  expect((await readBundleSpec(at('bundle.yaml'))).spec.site).toMatchObject({ gitlab: '19.5' });
  const again = await sealift(...from, '--to', '19.5', '--write', at('bundle.yaml'));
  expect([again.exitCode, again.stderr]).toEqual([2, expect.stringContaining('already exists')]);
  const json = JSON.parse((await sealift('--json', ...from, '--to', '19.5', '--gitlab', '18.8')).stdout);
  expect(json.data.from).toEqual({ gitlab: '18.8', basis: 'as given with --gitlab' });
});

it('asks for the version that an inventory lacks, and for one of several sites', async () => {
  await mkdir(at('home'));
  expect((await takeInventory()).exitCode).toBe(0);
  const none = await sealift('upgrade', 'plan', '--from', at('inventory.json'), '--to', '19.5');
  expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('--gitlab 18.9')]);
  await rm(at('inventory.json'));
  await putSite('one');
  await putSite('two', (text) => text.replace(/version: .*/, 'version: "18.7"'));
  expect((await takeInventory()).stdout).toContain('name one with --site');
  expect(await siteOf()).toBeUndefined();
  await rm(at('inventory.json'));
  await takeInventory('--site', 'two');
  expect(await siteOf()).toMatchObject({ gitlab: '18.7' });
  await rm(at('inventory.json'));
  expect((await takeInventory('--site', 'three')).stdout).toContain('No site is named three');
});
