import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runHere } from '../../run-here.ts';
import { containerSite } from '../../scenes/container-site.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-secrets-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function place(name: string, mode: number): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'a secret of some length\n');
  await chmod(path, mode);
  return path;
}

const ofHome = [
  ['a signing key', 'home/keys/me.pem'],
  ['the link of serve', 'home/serve/8080.url'],
  ['the sessions of serve', 'home/serve/8080.sessions'],
  ["the key of the model's server", 'home/model-server-key'],
  ['a secret of a site', 'home/sites/plant/secrets/front-api-key'],
] as const;
/** The commands may fail for other reasons; what others can read is said before. */
const given = [
  ['a token of GitLab, for probe', ['probe', 'no.yaml', '--token-file']],
  ['a token of GitLab, for check', ['check', '--gitlab', 'http://127.0.0.1:9', '--token-file']],
  ['a token of GitLab, for gitlab', ['gitlab', 'apply', 'no.yaml', '--token-file']],
  ['a token of GitLab, for diagnose', ['diagnose', 'no.yaml', '--token-file']],
  ['a passphrase', ['key', 'rotate', 'none', '--passphrase-file']],
  ['a new passphrase', ['key', 'passphrase', 'none', '--new-passphrase-file']],
  ['a signing key in a file', ['bundle', 'pack', 'no.yaml', '--to', 'nowhere', '--key']],
  ['an API key', ['model-server', '--gguf', 'no.gguf', '--api-key-file']],
  ['the private key of serve', ['serve', '--tls-cert', 'no.pem', '--tls-key']],
  ['a login for a cluster', ['kubernetes', 'render', 'no.yaml', '--image', 'a', '--chart', 'b', '--docker-config']],
] as const;

describe.skipIf(process.platform === 'win32')('what other users can read', () => {
  it.each(ofHome)('is named with its remedy before any command: %s', async (_what, name) => {
    const home = join(folder, 'home');
    const path = await place(name, 0o640);
    try {
      expect((await runHere('--home', home, 'jobs')).stderr).toContain(`: chmod 600 ${path}\n`);
      await chmod(path, 0o600);
      expect((await runHere('--home', home, 'jobs')).stderr).not.toContain('chmod');
    } finally {
      await rm(home, { recursive: true });
    }
  });

  it("is named with its remedy after a deployment: the private key of a site's gateway", async () => {
    const home = join(folder, 'with-site');
    const path = await place('gateway.key', 0o640);
    const tls = { certFile: join(folder, 'gateway.pem'), keyFile: path };
    const site = containerSite({ gitlab: { version: '19.1' }, gateway: { tls } });
    await mkdir(join(home, 'sites/plant'), { recursive: true });
    await writeFile(join(home, 'sites/plant/site.yaml'), stringify(site));
    expect((await runHere('--home', home, 'jobs')).stderr).toContain(`: chmod 600 ${path}\n`);
  });

  it('is named with its remedy after a deployment: the key of an external model server', async () => {
    const home = join(folder, 'with-server');
    const path = await place('server.key', 0o640);
    const endpoint = 'https://10.0.0.9/v1';
    const model = { engine: 'external', name: 'm', servedName: 'm', endpoint, endpointKey: { file: path } } as const;
    await mkdir(join(home, 'sites/plant'), { recursive: true });
    await writeFile(join(home, 'sites/plant/site.yaml'), stringify({ ...containerSite({}), model }));
    expect((await runHere('--home', home, 'jobs')).stderr).toContain(`: chmod 600 ${path}\n`);
  });

  it.each(given)('is named with its remedy before the command that was given it: %s', async (_what, words) => {
    const path = await place('given.pem', 0o604);
    const home = join(folder, 'other');
    const run = await runHere('--home', home, '--json', ...words, path);
    expect(run.stderr).toContain(`Other users of this machine can read ${path}.`);
    expect(run.stderr).toContain(`: chmod 600 ${path}\n`);
    await chmod(path, 0o600);
    expect((await runHere('--home', home, '--json', ...words, path)).stderr).not.toContain('Other users');
  });
});
