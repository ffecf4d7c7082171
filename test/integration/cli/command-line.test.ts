import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../../run-here.ts';
import { builtWorkers, runSealift, startSealift } from '../../run-sealift.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-cli-'));
  await writeFile(join(folder, 'file'), 'x');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes the journal of a job into a data folder, up to one event after its start. */
async function writeJob(
  home: string,
  next?: object,
  jobId: string = randomUUID(),
  title = 'Probing the site',
): Promise<string> {
  const at = new Date().toISOString();
  await mkdir(join(home, 'jobs'), { recursive: true });
  const started = { type: 'started', jobId, seq: 1, at, kind: 'probe.run', title };
  const events = [started, ...(next ? [{ jobId, seq: 2, at, ...next }] : [])];
  const lines = events.map((event) => `${JSON.stringify(event)}\n`);
  await writeFile(join(home, 'jobs', `${jobId}.jsonl`), lines.join(''));
  return jobId;
}

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
  ])('rejects %s with one JSON object that contains a remedy', async (_what, args, code, exitCode) => {
    const run = await runHere('--home', join(folder, 'home'), '--json', ...args);
    expect(run.json.error?.code).toBe(code);
    expect(run.exitCode).toBe(exitCode);
    expect(JSON.parse(run.stdout).error.remedies.length).toBeGreaterThan(0);
    expect(run.stdout + run.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
  });

  it('prints the same error for people on stderr, and nothing on stdout', async () => {
    const run = await runSealift('frobnicate');
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(run.stderr).toContain('Unknown command "frobnicate"');
    expect(run.stderr).toContain('What to do:');
    // A command that only another shell starts is not listed.
    expect((await runHere('chek')).stderr).toMatch(/Use one of: accept, ask, bundle, check, .*uninstall, upgrade\.\n/);
  });

  it('prints help without arguments, and the version', async () => {
    expect(await runSealift()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('rehearse') });
    expect((await runSealift('--version')).stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it.each([
    [['--json', '--help'], 'Usage: sealift'],
    [['--json'], 'Usage: sealift'],
    [['deploy', '--help', '--json'], 'Usage: sealift deploy'],
    [['help', 'import', '--json'], 'Usage: sealift import'],
    [['--version', '--json'], '.'],
  ])('%j prints one JSON object', async (args, text) => {
    const run = await runHere(...args);
    expect(run).toMatchObject({ exitCode: 0, json: { ok: true, data: { text: expect.stringContaining(text) } } });
  });

  it('treats a group without a command as a usage error, and prints its help on stderr', async () => {
    for (const group of ['bundle', 'key', 'gitlab']) {
      const run = await runHere(group);
      expect(run).toMatchObject({
        exitCode: 2,
        stdout: '',
        stderr: expect.stringContaining(`Usage: sealift ${group}`),
      });
    }
    const run = await runHere('--json', 'key');
    expect(run).toMatchObject({ exitCode: 2, json: { error: { code: 'usage.invalid' } } });
    expect(run.json.error?.message).toContain('list, new, passphrase, require, revoke, rotate, show, trust');
  });

  it.each([
    [['help'], 'Usage: sealift '],
    [['help', 'import'], 'Usage: sealift import'],
    [['help', 'bundle', 'pack'], 'Usage: sealift bundle pack'],
    [['bundle', 'help', 'pack'], 'Usage: sealift bundle pack'],
  ])('%j prints help', async (args, usage) => {
    expect(await runHere(...args)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(usage) });
  });

  it.each([
    [['bundle', 'pack'], 'sealift bundle pack --help'],
    [['--home', '/tmp/key', 'gitlab', 'apply'], 'sealift --home /tmp/key gitlab apply --help'],
    [['key', 'new', 'a', 'b'], 'sealift key new --help'],
    [['bundle', 'nonsense'], 'sealift bundle --help'],
  ])('%j points to the help of its own command', async (args, help) => {
    expect((await runHere(...args)).stderr).toContain(`See: ${help}`);
  });

  it.each([
    [
      ['bundle', 'pack', 'B.yaml', '--to', 'x', '--part-size', '1KB'],
      '--part-size 1KB is too small: use at least 64KiB',
    ],
    [['bundle', 'pack', 'B.yaml', '--to', ''], '--to is empty'],
    [['bundle', 'verify', ''], 'dir is empty'],
    [['bundle', 'verify', 'x', '--override-untrusted', ''], '--override-untrusted is empty'],
    [['import', 'x', '--override-untrusted', 'no'], '--override-untrusted "no" is not a valid reason: write 3'],
    [
      ['import', 'x', '--override-untrusted', 'a\u001b[31m red reason'],
      '--override-untrusted "a\\u001b[31m red reason"',
    ],
    [['logs', '--tail', 'x'], '--tail x is not a whole number from 0 to 10000'],
    [['logs', '--tail', '10001'], '--tail 10001 is not a whole number from 0 to 10000'],
    [['model-server', '--gguf', 'x', '--port', '70000'], '--port 70000 is not a whole number from 0 to 65535'],
    [['model-server', '--gguf', 'x', '--threads', '0'], '--threads 0 is not a whole number from 1 to 256'],
    [['model-server', '--gguf', 'x', '--context', '12'], '--context 12 is not a whole number from 256'],
    [['key', 'trust', 'a', '--label', 'x'.repeat(101)], 'is not a valid label: write at most 100 characters'],
    [['--home', '', 'key', 'list'], '--home is empty'],
    [['key', 'new', 'x'.repeat(64)], 'name: must have at most 63 characters'],
    [['models', '--gitlab', '1'.repeat(51)], 'gitlab: must have at most 50 characters'],
    [['import', 'stick', './stick'], 'stick is named twice'],
    [['bundle', 'verify', '/stick', '/stick/'], '/stick is named twice'],
  ])('%j names the option, the value and what is allowed', async (args, words) => {
    const run = await runHere('--json', ...args);
    expect(run.json.error?.message).toContain(words);
    expect(run.exitCode).toBe(2);
  });

  it('prints remedies that can be run as shown', async () => {
    const home = join(folder, 'a home');
    expect((await runHere('--home', home, 'key', 'show')).stderr).toContain(`sealift --home '${home}' key new NAME`);
    const run = await runHere('--home', home, '--json', 'stop', '--site', 'nobody');
    expect(JSON.stringify(run.json.error)).toContain(`sealift --home '${home}' deploy SITE.yaml`);
  });

  it('prints remedies that can be run in any folder, although the paths were relative', async () => {
    const { ended } = startSealift(['--home', 'relative', 'deploy', 'none.yaml'], { cwd: folder });
    expect((await ended).stderr).toContain(join(folder, 'none.yaml'));
    const run = startSealift(['--home', 'relative', 'key', 'show'], { cwd: folder });
    expect((await run.ended).stderr).toContain(`sealift --home ${join(folder, 'relative')} key new NAME`);
  });

  it('keeps each message and each remedy on one line, whatever a path contains', async () => {
    const run = await runHere('--home', join(folder, 'home'), 'bundle', 'inspect', join(folder, 'two\nlines'));
    const lines = run.stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain(`${folder}/two lines`);
  });

  it('stops following logs when its reader closes, although no line comes', async () => {
    const home = join(folder, 'piped');
    await mkdir(join(home, 'sites', 'plant', 'logs'), { recursive: true });
    await writeFile(join(home, 'sites', 'plant', 'logs', 'front.log'), 'a line\n');
    await writeFile(join(home, 'sites', 'plant', 'site.yaml'), await readFile('resources/examples/site.yaml'));
    const sealift = `'${process.execPath}' '${builtWorkers}/cli.js' --home '${home}' logs --follow --site plant`;
    const pipe = spawnSync('sh', ['-c', `{ ${sealift}; echo "code $?" >&2; } | head -n 1`], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect([pipe.stdout, pipe.stderr]).toEqual(['front    a line\n', 'code 0\n']);
  });

  it('fails if standard output cannot be written, but not if its reader closes', async () => {
    const shell = (line: string) => spawnSync('sh', ['-c', line], { encoding: 'utf8' });
    const sealift = `'${process.execPath}' '${builtWorkers}/cli.js' --home '${join(folder, 'home')}'`;
    const full = shell(`${sealift} --json key list >/dev/full`);
    expect([full.status, full.stderr]).toEqual([4, expect.stringContaining('(output.failed)')]);
    const pipe = shell(`{ ${sealift} --json models; echo "code $?" >&2; } | true`);
    expect(pipe.stderr).toBe('code 0\n');
  });
});

describe('the data folder', () => {
  const nobody = { uid: 65534, gid: 65534 };

  it.each([['jobs'], ['status'], ['key', 'list'], ['models'], ['key', 'new', 'me']])(
    'that is a file or below one is refused by: %s %s',
    async (...words) => {
      for (const home of [join(folder, 'file'), join(folder, 'file', 'below')]) {
        const run = await runHere('--home', home, '--json', ...words.filter(Boolean));
        expect([run.exitCode, run.json.error?.code]).toEqual([3, 'home.unusable']);
      }
    },
  );

  it('is rejected if it cannot be created', async () => {
    const run = await runHere('--home', '/proc/nothing/below', '--json', 'key', 'new', 'me');
    expect([run.exitCode, run.json.error?.code]).toEqual([3, 'file.denied']);
  });

  it('is treated as empty by commands that only read, and not created, if it does not exist', async () => {
    const run = await runHere('--home', join(folder, 'absent'), '--json', 'jobs');
    expect(run).toMatchObject({ exitCode: 0, json: { data: { jobs: [] } } });
    expect(existsSync(join(folder, 'absent'))).toBe(false);
  });

  it('shows a job as interrupted after its process was killed, even before the next writer', async () => {
    const home = join(folder, 'killed');
    const jobId = await writeJob(home);
    const { json } = await runHere('--home', home, '--json', 'jobs');
    expect(json.data).toMatchObject({ jobs: [{ id: jobId, state: 'interrupted' }] });
  });

  it.each([
    ['finished', { result: { answer: 42 } }, 'succeeded', 'done', 0],
    ['cancelled', {}, 'cancelled', 'stopped', 1],
    ['log', { line: 'half done' }, 'interrupted', 'interrupted', 1],
  ])(
    'has a job that is shown with its result, by a beginning of its id: %s',
    async (type, rest, state, word, exitCode) => {
      const home = join(folder, `shown-${type}`);
      const jobId = await writeJob(home, { type, ...rest });
      const { json, exitCode: code } = await runHere('--home', home, '--json', 'jobs', 'show', jobId.slice(0, 8));
      expect([code, json.data]).toMatchObject([exitCode, { id: jobId, state, ...('result' in rest && rest) }]);
      const { stdout } = await runHere('--home', home, 'jobs', 'show', jobId);
      expect(stdout).toMatch(new RegExp(`^  Job +${jobId}$`, 'm'));
      expect(stdout).toMatch(new RegExp(`^  State +${word}$`, 'm'));
      if ('line' in rest) expect(stdout).toContain(rest.line);
      expect((await runHere('--home', home, 'jobs')).stdout).toContain(`${jobId.slice(0, 8)}  ${word} `);
    },
  );

  it('has jobs that are shown only if the beginning of the id fits one', async () => {
    const home = join(folder, 'twins');
    for (const end of ['0', '1'])
      await writeJob(home, { type: 'cancelled' }, `12345678-0000-4000-8000-00000000000${end}`);
    for (const [id, words] of [
      ['12345678', 'Several jobs'],
      ['none', 'Unknown job'],
    ] as const) {
      const run = await runHere('--home', home, '--json', 'jobs', 'show', id);
      expect([run.exitCode, run.json.error?.code]).toEqual([2, 'job.unknown']);
      expect(run.json.error?.message).toContain(words);
    }
  });

  it('has more jobs than an answer: it says how many were left out', async () => {
    const home = join(folder, 'many-jobs');
    const count = 40;
    for (let at = 0; at < count; at += 1) await writeJob(home, { type: 'cancelled' }, randomUUID(), 'x'.repeat(50_000));
    const { json } = await runHere('--home', home, '--json', 'jobs');
    const { jobs, leftOutCount } = json.data as { jobs: unknown[]; leftOutCount: number };
    expect(leftOutCount).toBeGreaterThan(0);
    expect(jobs.length + leftOutCount).toBe(count);
    expect((await runHere('--home', home, 'jobs')).stdout).toMatch(new RegExp(`… and ${leftOutCount} more\\n$`));
  });

  it.skipIf(process.getuid?.() !== 0)('is rejected if this user may not read it or its folders', async () => {
    await chmod(folder, 0o755);
    const home = join(folder, 'mine');
    for (const name of ['keys', 'jobs', 'sites', 'store'])
      await mkdir(join(home, name), { recursive: true, mode: 0o700 });
    await chmod(home, 0o700);
    const asNobody = (...words: string[]) => startSealift(['--home', home, '--json', ...words], nobody).ended;
    expect((await asNobody('key', 'list')).json.error?.code).toBe('home.unusable');
    await chmod(home, 0o755);
    for (const words of [['key', 'list'], ['status'], ['jobs'], ['key', 'new', 'me'], ['import', '/tmp'], ['stop']]) {
      const run = await asNobody(...words);
      expect([words, run.exitCode, run.json.error?.code]).toEqual([words, 3, 'file.denied']);
    }
  });

  it.each([
    ['lock', ['key', 'new', 'me']],
    ['keys', ['key', 'new', 'me']],
    ['keys', ['key', 'list']],
    ['jobs', ['jobs']],
    ['sites', ['status']],
    ['trust.json/below', ['key', 'trust', '0123456789abcdef'.repeat(4)]],
  ])('is rejected without an internal error if there is something else at %s (%j)', async (name, words) => {
    const home = join(folder, randomUUID());
    if (name.includes('/') || name === 'lock') await mkdir(join(home, name), { recursive: true });
    else {
      await mkdir(home);
      await writeFile(join(home, name), 'a file');
    }
    const run = await runHere('--home', home, '--json', ...words);
    expect([name, run.exitCode, run.json.error?.code]).toEqual([
      name,
      expect.any(Number),
      expect.stringMatching(/^file\./),
    ]);
  });

  it('keeps the details of a reference in its error log, or otherwise on stderr', async () => {
    const home = join(folder, 'with-log');
    await mkdir(home);
    // A failing clock stands for any unforeseen fault.
    const fault = join(folder, 'fault.mjs');
    await writeFile(
      fault,
      `const right = Date.prototype.toISOString;
      Date.prototype.toISOString = () => {
        Date.prototype.toISOString = right;
        throw new Error('token glpat-secretsecret');
      };`,
    );
    for (const [where, isKept] of [
      [home, true],
      [join(folder, 'no-home'), false],
    ] as const) {
      const run = await startSealift(['--home', where, '--json', 'check'], {
        env: { ...process.env, NODE_OPTIONS: `--import ${fault}` },
      }).ended;
      expect(run.json.error?.code).toBe('internal');
      const ref = String(run.json.error?.details.ref);
      const log = isKept ? await readFile(join(home, 'errors.log'), 'utf8') : run.stderr;
      expect(log).toContain(ref);
      expect(log).not.toContain('glpat-secret');
    }
  });
});

describe('Ctrl-C', () => {
  it('stops following logs without an error', async () => {
    const home = join(folder, 'followed');
    await mkdir(join(home, 'sites', 'plant', 'logs'), { recursive: true });
    await writeFile(join(home, 'sites', 'plant', 'logs', 'front.log'), 'a line\n');
    await writeFile(join(home, 'sites', 'plant', 'site.yaml'), await readFile('resources/examples/site.yaml'));
    const run = startSealift(['--home', home, '--json', 'logs', '--follow', '--site', 'plant']);
    run.child.stdout?.once('data', () => run.child.kill('SIGINT'));
    const line = { site: 'plant', part: 'front', line: 'a line' };
    expect(await run.ended).toMatchObject({ exitCode: 130, stdout: `${JSON.stringify(line)}\n`, stderr: '' });
  });

  it('and the lock name the command, not an option value', async () => {
    const home = join(folder, 'locked');
    const server = startSealift(['--home', home, 'rehearse', '--dir', join(folder, 'rehearsal')]);
    await new Promise((resolve) => server.child.stderr?.once('data', resolve));
    const second = await runHere('--home', home, '--json', 'key', 'new', 'me');
    expect(second.json.error?.details.owner).toMatch(/^sealift rehearse, process/);
    server.child.kill('SIGINT');
    const first = await server.ended;
    expect(first.exitCode).toBe(130);
    expect(first.stderr).toContain('sealift rehearse was interrupted');
    expect(first.stderr).toContain('it starts from the beginning');
  });
});

describe('npm start', () => {
  it('is what suggested commands start with', () => {
    const args = ['start', '--silent', '--', '--json', '--home', join(folder, 'home'), 'stop', '--site', 'nobody'];
    const run = spawnSync('npm', args, { encoding: 'utf8' });
    expect(run.stdout).toContain(`npm start -- --home ${join(folder, 'home')} `);
    expect(run.stdout).not.toContain('sealift --home');
  });

  it('resolves relative paths against the folder where npm was called', async () => {
    await writeFile(join(folder, 'mine.json'), '{}');
    const root = fileURLToPath(new URL('../../..', import.meta.url));
    const args = ['--prefix', root, 'start', '--silent', '--', '--json', 'models', '--for', 'mine.json'];
    const run = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
    expect(JSON.parse(run.stdout).error).toMatchObject({ code: 'hardware.readiness-invalid' });
    const direct = spawnSync(
      process.execPath,
      [join(root, 'scripts/start.mjs'), '--json', 'models', '--for', 'mine.json'],
      {
        cwd: root,
        encoding: 'utf8',
        env: {
          ...process.env,
          INIT_CWD: folder,
          npm_lifecycle_event: 'start',
          npm_package_json: '/elsewhere/package.json',
        },
      },
    );
    expect(JSON.parse(direct.stdout).error).toMatchObject({ code: 'file.missing' });
  });
});
