import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { runHere } from '../../run-here.ts';
import { builtWorkers } from '../../run-sealift.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealift-diagnose-'));
const home = join(folder, 'home');
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
const diagnose = (...args: string[]) => runHere('diagnose', '--json', '--home', home, ...args);

describe('sealift diagnose', () => {
  it('names the causes of a failure that a person has on file', async () => {
    const body = file('answer.json', '{"detail":"401: Unauthorized"}');
    const run = await diagnose('--status', '421', '--body', body, '--log', file('gateway.log', 'Auth is disabled'));
    expect(run).toMatchObject({ exitCode: 1, json: { ok: true, data: { causes: [{ id: 'D3' }, { id: 'D24' }] } } });
  });

  it('prints nothing active, whatever a log contains', async () => {
    const log = file('hostile.log', '\u001b]0;owned\u0007 Invalid audience \u202e sk-abcdefgh12345\n');
    const run = await runHere('diagnose', '--home', home, '--log', log);
    expect(run.stdout).toContain('Evidence: the log says "invalid audience" (line 1)');
    expect(run.stdout).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|abcdefgh/u);
  });

  it('reads standard input', async () => {
    const child = spawn(process.execPath, [
      `${builtWorkers}/cli.js`,
      'diagnose',
      '--json',
      '--home',
      home,
      '--log',
      '-',
    ]);
    child.stdin.end('noise\nCustom_openaiException - Connection error.\n');
    expect(JSON.parse(await text(child.stdout)).data.causes).toMatchObject([{ id: 'D1' }]);
  });

  it('ends with 0 when nothing points to a cause', async () => {
    expect(await diagnose('--log', file('calm.log', 'started'))).toMatchObject({
      exitCode: 0,
      json: { data: { causes: [] } },
    });
  });

  it.each([
    [[]],
    [['site.yaml', '--status', '404']],
    [['--last', '--status', '404']],
    [['--body', '-', '--log', '-']],
    [['--status', '4o4']],
    [['--status', '1000']],
  ])('refuses %j', async (args) =>
    expect(await diagnose(...args)).toMatchObject({ exitCode: 2, json: { error: { code: 'usage.invalid' } } }),
  );
});
