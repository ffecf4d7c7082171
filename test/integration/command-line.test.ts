import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSealift } from '../run-sealift.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-cli-'));
  await writeFile(join(folder, 'file'), 'x');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the command line', () => {
  it.each([
    ['an unknown command', ['frobnicate'], 'usage.unknown-command', 2],
    ['an unknown command of a group', ['bundle', 'frobnicate'], 'usage.unknown-command', 2],
    ['an unknown option', ['check', '--frobnicate'], 'usage.invalid', 2],
    ['a missing argument', ['deploy'], 'usage.invalid', 2],
    ['too many arguments', ['check', 'this', 'that'], 'usage.invalid', 2],
    ['an option without its value', ['bundle', 'pack', 'B.yaml', '--to'], 'usage.invalid', 2],
    ['a site file that is not there', ['deploy', '/nowhere/site.yaml'], 'file.missing', 2],
    ['a bundle that is none', ['bundle', 'verify', '/proc'], 'bundle.not-a-bundle', 2],
    ['a site nobody deployed', ['stop', '--site', 'nobody'], 'site.unknown', 2],
  ])('refuses %s in one JSON object with a remedy', async (_what, args, code, exitCode) => {
    const run = await runSealift('--home', join(folder, 'home'), '--json', ...args);
    expect(run.json.error?.code).toBe(code);
    expect(run.exitCode).toBe(exitCode);
    expect(JSON.parse(run.stdout).error.remedies.length).toBeGreaterThan(0);
    expect(run.stdout + run.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  });

  it('says the same to people on stderr, with nothing on stdout', async () => {
    const run = await runSealift('frobnicate');
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain('There is no command "frobnicate"');
    expect(run.stderr).toContain('What to do:');
  });

  it('refuses a data folder that cannot be', async () => {
    for (const home of [join(folder, 'file', 'below'), '/proc/nothing/below']) {
      const run = await runSealift('--home', home, '--json', 'key', 'new', 'me');
      expect(run.exitCode).toBe(3);
      expect(run.json.error?.code).toBe('file.denied');
    }
  });

  it('prints help without arguments, and the version', async () => {
    expect(await runSealift()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('rehearse') });
    expect((await runSealift('--version')).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
