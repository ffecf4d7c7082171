import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { runHere } from '../../run-here.ts';

describe('the command that changes gitlab.rb', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-rb-'));
    await writeFile(join(folder, 'gitlab.rb'), "external_url 'https://gitlab.inside.example'\n");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const rb = async (version: string, ...args: string[]) => {
    const site = {
      sealift: 1,
      name: 'plant',
      gitlab: { url: 'https://gitlab.inside.example', version },
      gateway: { kind: 'existing', url: 'http://10.0.0.5:5052' },
      model: { engine: 'external', name: 'm', servedName: 'm', family: 'MISTRAL', endpoint: 'http://10.0.0.9:8001/v1' },
    };
    await writeFile(join(folder, 'site.yaml'), stringify(site));
    return runHere('--home', join(folder, 'home'), 'gitlab', 'rb', join(folder, 'site.yaml'), ...args);
  };
  const given = () => ['--in', join(folder, 'gitlab.rb')];

  it.each([
    ['17.2', ['AI_GATEWAY_URL']],
    ['17.4', ['AI_GATEWAY_URL', 'CUSTOMER_PORTAL_URL', 'GITLAB_LICENSE_MODE']],
    ['17.6', ['AI_GATEWAY_URL', 'CUSTOMER_PORTAL_URL', 'GITLAB_LICENSE_MODE']],
  ])('sets what GitLab %s needs', async (version, names) => {
    const { json } = await rb(version, ...given(), '--json');
    const { variables, diff } = json.data as { variables: Record<string, string>; diff: string };
    expect(Object.keys(variables).sort()).toEqual(names);
    expect(variables.AI_GATEWAY_URL).toBe('http://10.0.0.5:5052');
    expect(diff).toContain("+  'AI_GATEWAY_URL' => 'http://10.0.0.5:5052'");
  });

  it('prints the diff, writes only the new file, and undoes it', async () => {
    const before = await readFile(join(folder, 'gitlab.rb'), 'utf8');
    const [next, back] = [join(folder, 'next.rb'), join(folder, 'back.rb')];
    const made = await rb('17.6', ...given(), '--out', next);
    expect(made.stdout).toMatch(/^--- .*\n\+\+\+ .*\n@@ -1,1 \+1,8 @@\n external_url/);
    expect(await readFile(join(folder, 'gitlab.rb'), 'utf8')).toBe(before);
    expect(await rb('17.6', ...given(), '--out', next, '--json')).toMatchObject({ exitCode: 2 });
    expect((await rb('17.6', '--in', next)).stdout).toContain('Nothing would change');
    // Also after GitLab was upgraded to a version that needs nothing there.
    expect((await rb('18.9', '--in', next, '--undo', '--out', back)).exitCode).toBe(0);
    expect(await readFile(back, 'utf8')).toBe(before);
  });

  it('prints the blank lines after the change, without which patch refuses it', async () => {
    await writeFile(join(folder, 'data.rb'), '__END__\n\n\nmore\n');
    const { stdout } = await rb('17.6', '--in', join(folder, 'data.rb'));
    expect(stdout).toContain('\n __END__\n \n \n#');
  });

  it('refuses a version that takes nothing from it', async () => {
    expect(await rb('17.9', ...given(), '--json')).toMatchObject({
      exitCode: 3,
      json: { error: { code: 'gitlab.rb-not-needed' } },
    });
  });
});
