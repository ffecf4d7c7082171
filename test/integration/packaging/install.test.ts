import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attachPath } from '../../../src/main/core/settings/attach.ts';
import { errorLogName } from '../../../src/main/core/settings/error-log.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { noticesPath } from '../../../src/main/core/signing/key-notices.ts';
import { missing } from '../../needs.ts';
import { makeSmallPackage, runIn, shells, writeSums } from '../../scenes/small-package.ts';

const busyboxIsMissing = missing('busybox');
const isNotRoot = process.getuid?.() !== 0;

/** Those between which something may have changed: whether it is killed before or after one that only reads makes no difference. */
const toolsOfInstaller = 'cat cp ln mkdir mkfifo mv rm rmdir sha256sum sync tar tee uname'.split(' ');

let folder = '';
let home = '';
let medium = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealift-install-'));
  home = join(folder, 'home');
  medium = join(folder, 'medium');
  for (const one of [home, medium]) mkdirSync(one);
  makeSmallPackage(medium, { version: '1.0.0' });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A second medium with another version. */
function mediumWith(version: string, facts: { node?: string | Buffer } = {}): string {
  const other = join(folder, version);
  mkdirSync(other);
  makeSmallPackage(other, { version, ...facts });
  return other;
}

/** Returns a function that runs a command, kills it with all that it started before its `at`th program, and returns its exit code. */
function killingTools(): (command: string[], at: number) => number | null {
  const [tools, count] = [join(folder, 'tools'), join(folder, 'count')];
  mkdirSync(tools);
  const shim = `#!/bin/sh
echo >>'${count}'
n=0
while read -r _; do n=$((n + 1)); done <'${count}'
[ $n -lt "$KILL_AT" ] || kill -KILL 0
PATH=$REAL_PATH exec "\${0##*/}" "$@"
`;
  for (const tool of toolsOfInstaller) writeFileSync(join(tools, tool), shim, { mode: 0o755 });
  return (command, at) => {
    rmSync(count, { force: true });
    const { PATH = '' } = process.env;
    const env = { PATH: `${tools}:${PATH}`, REAL_PATH: PATH, KILL_AT: String(at) };
    return runIn(home, ['setsid', '--wait', ...command], env).code;
  };
}

const program = () => join(home, '.local/bin/sealift');
const trees = () => join(home, '.local/lib/sealift');
const versions = () => readdirSync(trees()).map((one) => one.replace(/[+].*/, ''));
const sealift = (...args: string[]) => runIn(home, [program(), ...args]);
const install = (from = medium, ...args: string[]) =>
  runIn(home, ['sh', join(from, 'install.sh'), '--for-me', ...args]);

describe.each(shells)('the installer in %s %s', (...shell) => {
  it.skipIf(shell[0] === 'busybox' && busyboxIsMissing)('installs, updates, returns and removes', () => {
    const words = shell.filter((one) => one !== undefined);
    const installFrom = (from: string) => runIn(home, [...words, join(from, 'install.sh'), '--for-me']);
    expect(installFrom(medium)).toMatchObject({ code: 0, text: expect.stringContaining('Installed Sealift 1.0.0') });
    expect(sealift('--version').text).toBe('1.0.0\n');
    expect(installFrom(mediumWith('1.1.0')).text).toContain('Updated Sealift from 1.0.0 to 1.1.0');
    expect(sealift('--version').text).toBe('1.1.0\n');
    expect(sealift('self', 'rollback')).toMatchObject({
      code: 0,
      text: expect.stringContaining('1.0.0 is in use again'),
    });
    expect(sealift('--version').text).toBe('1.0.0\n');
    expect(sealift('self', 'rollback').text).toContain('1.1.0 is in use again');
    expect(installFrom(mediumWith('1.2.0')).code).toBe(0);
    expect(versions().filter((one) => !one.startsWith('.'))).toEqual(['1.1.0', '1.2.0', 'previous']);
    mkdirSync(join(home, '.local/share/sealift/keys'), { recursive: true });
    expect(sealift('self', 'uninstall').text).toContain('Its data stays');
    expect(existsSync(trees()) || existsSync(program())).toBe(false);
    expect(existsSync(join(home, '.local/share/sealift/keys'))).toBe(true);
  });
});

describe('the completion in shells', () => {
  const folders = { bash: 'bash-completion/completions', zsh: 'zsh/site-functions', fish: 'fish/vendor_completions.d' };
  const data = () => join(home, '.local/share');
  const found = () =>
    Object.values(folders)
      .filter((one) => existsSync(join(data(), one)))
      .flatMap((one) => readdirSync(join(data(), one)).map((name) => readFileSync(join(data(), one, name), 'utf8')));

  it('is that of the version in use, for the shells that are there, and goes with it', () => {
    const shellsHere = Object.keys(folders).filter((one) => runIn(home, ['sh', '-c', `command -v ${one}`]).code === 0);
    const of = (version: string) => shellsHere.map((one) => `# ${one} ${version}\n`);
    expect(shellsHere).toContain('bash');
    install();
    expect(found()).toEqual(of('1.0.0'));
    install(mediumWith('1.1.0'));
    expect(found()).toEqual(of('1.1.0'));
    sealift('self', 'rollback');
    expect(found()).toEqual(of('1.0.0'));
    sealift('self', 'uninstall');
    expect(existsSync(data()) ? readdirSync(data()) : []).toEqual([]);
  });

  it('is left out where its place cannot be written', () => {
    mkdirSync(data(), { recursive: true });
    for (const one of ['bash-completion', 'zsh', 'fish']) writeFileSync(join(data(), one), 'a file');
    expect(install()).toMatchObject({ code: 0 });
    expect(sealift('--version').text).toBe('1.0.0\n');
  });
});

/** Every name that Sealift writes in its data folder. */
function dataNames(data: string): string[] {
  const { home: _, ...paths } = homePaths(data);
  const log = join(data, errorLogName);
  const others = [attachPath(data), noticesPath(paths.trust), log, `${log}.1`, join(data, 'rehearsal')];
  return [...Object.values(paths), ...others].map((path) => relative(data, path));
}

describe('uninstall --purge', () => {
  const purge = (env: NodeJS.ProcessEnv = {}) => runIn(home, [program(), 'self', 'uninstall', '--purge'], env);

  it('removes all that Sealift keeps in its data folder', () => {
    install();
    const data = join(home, '.local/share/sealift');
    for (const name of dataNames('/short')) mkdirSync(join(data, name, 'more'), { recursive: true });
    expect(purge()).toMatchObject({ code: 0, text: expect.stringMatching(/Removed its data.*evidence\.\n$/) });
    expect(existsSync(data)).toBe(false);
  });

  it('leaves what others keep there', () => {
    install();
    const data = join(folder, 'shared');
    for (const name of ['keys', 'photos']) mkdirSync(join(data, name), { recursive: true });
    expect(purge({ SEALIFT_HOME: data }).text).toContain("is not Sealift's");
    expect(readdirSync(data)).toEqual(['photos']);
  });

  it.each(['/', './', '/usr/..'])('removes nothing when the data folder is %s', (data) => {
    install();
    mkdirSync(join(home, 'keys'));
    expect(purge({ SEALIFT_HOME: data === './' ? `${home}/.` : data })).toMatchObject({ code: 3 });
    expect(existsSync(join(home, 'keys')) && existsSync(program())).toBe(true);
  });
});

describe.each(shells)('what the installer refuses in %s %s, before anything is written', (...shell) => {
  const cases: [string, string, (from: string) => void][] = [
    [
      'a changed package',
      'is damaged or was changed',
      (from) => change(from, (file) => writeFileSync(file, 'x', { flag: 'a' })),
    ],
    ['a truncated package', 'is damaged or was changed', (from) => change(from, (file) => truncateSync(file, 100))],
    ['a missing package', 'cannot be read', (from) => change(from, rmSync)],
    [
      'a changed list of packages',
      'PACKAGES is damaged',
      (from) => writeFileSync(join(from, 'PACKAGES'), 'linux-x64 9 /etc/passwd 1 1 1\n'),
    ],
    [
      'a changed installer',
      'install.sh is damaged',
      (from) => writeFileSync(join(from, 'install.sh'), '\n', { flag: 'a' }),
    ],
    ['a package that SHA256SUMS does not list', 'does not list', (from) => listWithout(from, '.tar.gz')],
    ['missing checksums', 'SHA256SUMS is missing', (from) => rmSync(join(from, 'SHA256SUMS'))],
    [
      'a package for another machine',
      'There is no Sealift for this machine',
      (from) => remake(from, { platform: 'linux-riscv64' }),
    ],
    [
      'a package for ARM on x86, or the other way round',
      'ask the packer for the package of this one: npm run package',
      (from) => remake(from, { platform: process.arch === 'arm64' ? 'linux-x64' : 'linux-arm64' }),
    ],
    ['an older glibc than it needs', 'Sealift needs 9.99 or newer', (from) => remake(from, { libc: '9.99' })],
  ];

  it.skipIf(shell[0] === 'busybox' && busyboxIsMissing).each(cases)('%s', (_what, words, damage) => {
    damage(medium);
    const command = [...shell.filter((one) => one !== undefined), join(medium, 'install.sh'), '--for-me'];
    expect(runIn(home, command)).toMatchObject({ code: 3, text: expect.stringContaining(words) });
    expect(readdirSync(home)).toEqual([]);
  });

  const change = (from: string, how: (file: string) => void) =>
    how(join(from, readdirSync(from).find((one) => one.endsWith('.tar.gz')) ?? ''));
  const listWithout = (from: string, words: string) => {
    const lines = readFileSync(join(from, 'SHA256SUMS'), 'utf8').split('\n');
    writeFileSync(join(from, 'SHA256SUMS'), lines.filter((line) => !line.includes(words)).join('\n'));
  };
  const remake = (from: string, facts: { platform?: string; libc?: string }) => {
    rmSync(from, { recursive: true });
    mkdirSync(from);
    makeSmallPackage(from, { version: '1.0.0', ...facts });
  };
});

describe('it also refuses', () => {
  it('another program under its name', () => {
    mkdirSync(join(home, '.local/bin'), { recursive: true });
    writeFileSync(program(), 'other');
    expect(install()).toMatchObject({ code: 3, text: expect.stringContaining('already exists') });
    expect(existsSync(trees())).toBe(false);
  });

  it('an option that it does not know', () => {
    expect(install(medium, '--fast')).toMatchObject({ code: 2, text: expect.stringContaining('--fast') });
  });

  it.each(['awk', 'tar', 'sha256sum', 'mkfifo', 'readlink'])('a system without %s', (tool) => {
    const tools = join(folder, 'tools');
    mkdirSync(tools);
    const needed = [
      'awk',
      'basename',
      'df',
      'dirname',
      'getconf',
      'id',
      'ls',
      'mkfifo',
      'readlink',
      'sha256sum',
      'tar',
    ];
    for (const one of [...needed, 'tee', 'cut', 'uname']) {
      const found = runIn(home, ['sh', '-c', `command -v ${one}`]).text.trim();
      if (one !== tool) symlinkSync(found, join(tools, one));
    }
    const run = runIn(home, ['/bin/sh', join(medium, 'install.sh'), '--for-me'], { PATH: tools });
    expect(run).toMatchObject({ code: 3, text: expect.stringContaining(`The program ${tool} is missing`) });
    expect(readdirSync(home)).toEqual([]);
  });

  it.skipIf(isNotRoot)("root's installation into the home of another user", () => {
    chownSync(home, 65534, 65534);
    expect(install()).toMatchObject({ code: 3, text: expect.stringContaining('belongs to another user') });
    expect(readdirSync(home)).toEqual([]);
  });
});

describe.each(shells)('odd surroundings in %s %s', (...shell) => {
  const words = shell.filter((one) => one !== undefined);
  const isMissing = shell[0] === 'busybox' && busyboxIsMissing;

  it.skipIf(isMissing).each(["with 'quotes' and spaces", 'öffentlich', '$HOME*?'])('a home named %s', (name) => {
    const odd = join(folder, name);
    mkdirSync(odd);
    const linked = join(folder, 'link');
    symlinkSync(odd, linked);
    for (const version of ['1.0.0', '1.1.0']) {
      const from = version === '1.0.0' ? medium : mediumWith(version);
      expect(runIn(linked, [...words, join(from, 'install.sh'), '--for-me']).text).toContain(version);
      expect(runIn(linked, [join(linked, '.local/bin/sealift'), '--version']).text).toBe(`${version}\n`);
    }
    expect(runIn(linked, [join(linked, '.local/bin/sealift'), 'self', 'uninstall'])).toMatchObject({ code: 0 });
    expect(existsSync(join(odd, '.local/lib/sealift'))).toBe(false);
  });

  it.skipIf(isMissing)('are named so that what the installer says can be typed', () => {
    const [oddMedium, oddHome] = ["op's STICK", `a "b" $c 'd`].map((name) => join(folder, name));
    renameSync(medium, oddMedium ?? '');
    mkdirSync(oddHome ?? '');
    const run = (option: string) => runIn(oddHome ?? '', [...words, join(oddMedium ?? '', 'install.sh'), option]);
    const told = run('--for-me').text;
    const start = /Start it: (.*)/.exec(told)?.[1] ?? '';
    const path = /log in again: (.*)/.exec(told)?.[1] ?? '';
    for (const typed of [`${start} --version`, `${path}; sealift --version`])
      expect(runIn(oddHome ?? '', ['sh', '-c', typed]).text).toBe('1.0.0\n');
    makeSmallPackage(oddMedium ?? '', { version: '0.9.0' });
    const older = /install the older one anyway: (.*)/.exec(run('--for-me').text)?.[1] ?? '';
    expect(runIn(oddHome ?? '', ['sh', '-c', older])).toMatchObject({ code: 0 });
  });

  it.skipIf(isMissing || isNotRoot)('a home that cannot be opened is refused', () => {
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'closed'), { mode: 0o700 });
    const line = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...words, join(medium, 'install.sh')];
    expect(runIn(join(folder, 'closed'), line)).toMatchObject({
      code: 3,
      text: expect.stringMatching(/^■ The home folder ".*closed" cannot be opened[.]/),
    });
  });

  it.skipIf(isMissing)('another HOME changes nothing, and says whose Sealift it is', () => {
    install();
    for (const other of [folder, '', '/nowhere']) {
      const command = [...words, join(trees(), readdirSync(trees())[0] ?? '', 'lib/install.sh'), 'self', 'uninstall'];
      const tree = join(trees(), readdirSync(trees())[0] ?? '');
      const run = runIn(other, command, { SEALIFT_TREE: tree });
      expect(run).toMatchObject({ code: 3, text: expect.stringContaining(`belongs to the home folder ${home}`) });
      expect(run.text).toContain(`HOME=${home} ${home}/.local/bin/sealift self uninstall`);
    }
    expect(sealift('--version').text).toBe('1.0.0\n');
  });

  it.skipIf(isMissing)('a medium named with spaces', () => {
    const odd = join(folder, 'USB STICK');
    renameSync(medium, odd);
    expect(runIn(home, [...words, join(odd, 'install.sh'), '--for-me'])).toMatchObject({ code: 0 });
  });

  it.skipIf(isMissing)('a home on a network filesystem keeps what other machines may still run', () => {
    const fakes = join(folder, 'fakes');
    mkdirSync(fakes);
    writeFileSync(join(fakes, 'stat'), '#!/bin/sh\necho nfs\n', { mode: 0o755 });
    for (const from of [medium, mediumWith('1.1.0'), mediumWith('1.2.0')])
      runIn(home, [...words, join(from, 'install.sh'), '--for-me'], { PATH: `${fakes}:${process.env.PATH}` });
    const told = runIn(home, [...words, join(mediumWith('1.3.0'), 'install.sh'), '--for-me'], {
      PATH: `${fakes}:${process.env.PATH}`,
    });
    if (words[0] !== 'busybox') expect(told.text).toContain('is on a network filesystem');
    // busybox takes its own stat.
    const kept =
      words[0] === 'busybox' ? ['1.2.0', '1.3.0', 'previous'] : ['1.0.0', '1.1.0', '1.2.0', '1.3.0', 'previous'];
    expect(versions()).toEqual(kept);
  });

  it.skipIf(isMissing || isNotRoot)(
    'an old version that cannot be removed is reported, and the new one is in use',
    () => {
      for (const from of [medium, mediumWith('1.1.0')]) install(from);
      const next = mediumWith('1.2.0');
      const script = `old=$(ls -d ${trees()}/1.0.0*) && mount --bind $old $old && ${words.join(' ')} ${next}/install.sh --for-me`;
      const run = runIn(home, ['unshare', '--mount', 'sh', '-c', script]);
      expect(run).toMatchObject({ code: 0, text: expect.stringContaining('could not be removed') });
      expect(run.text).toContain('Updated Sealift from 1.1.0 to 1.2.0');
      expect(sealift('--version').text).toBe('1.2.0\n');
    },
  );
});

it('does nothing when it was itself cut short, wherever', () => {
  const script = readFileSync(join(medium, 'install.sh'), 'utf8');
  for (let part = 1; part < 40; part += 1) {
    writeFileSync(join(medium, 'install.sh'), script.slice(0, Math.floor((script.length * part) / 40)));
    install();
    expect(readdirSync(home)).toEqual([]);
  }
});

describe('two installations at once', () => {
  it('do not mix: the second is refused while the first works, and works after it', async () => {
    const hold = join(folder, 'held');
    const node =
      '#!/bin/sh\n[ -z "$HOLD" ] || { touch "$HOLD"; while [ -e "$HOLD" ]; do sleep 0.1; done; }\necho 1.1.0\n';
    const slow = mediumWith('1.1.0', { node });
    const first = spawn('sh', [join(slow, 'install.sh'), '--for-me'], {
      env: { PATH: process.env.PATH, HOME: home, HOLD: hold },
    });
    while (!existsSync(hold)) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(install()).toMatchObject({ code: 3, text: expect.stringContaining('Another installation') });
    rmSync(hold);
    expect(await once(first, 'close')).toEqual([0, null]);
    expect(sealift('--version').text).toBe('1.1.0\n');
    expect(install(medium, '--allow-downgrade')).toMatchObject({ code: 0 });
  });
});

describe('while a version is in use', () => {
  beforeEach(() => {
    expect(install().code).toBe(0);
  });

  it('keeps it when the new one does not start', () => {
    const broken = mediumWith('1.1.0', { node: '#!/bin/sh\necho broken >&2\nexit 1\n' });
    expect(install(broken)).toMatchObject({ code: 4, text: expect.stringContaining('does not start: broken') });
    expect(sealift('--version').text).toBe('1.0.0\n');
    expect(versions()).toEqual(['1.0.0']);
  });

  it('keeps it when the new one is for another processor, whatever its list says', () => {
    const header = Buffer.alloc(64);
    header.write('\x7fELF\x02\x01\x01', 'latin1');
    header.writeUInt16LE(2, 16);
    header.writeUInt16LE(process.arch === 'arm64' ? 0x3e : 0xb7, 18);
    expect(install(mediumWith('1.1.0', { node: header }))).toMatchObject({
      code: 4,
      text: expect.stringMatching(/does not start: .*Exec format error/),
    });
    expect(sealift('--version').text).toBe('1.0.0\n');
  });

  it('keeps it when an installation is killed at any point, and installs the next time', async () => {
    const next = mediumWith('1.1.0', {
      node: '#!/bin/sh\n[ -z "$HOLD" ] || { touch "$HOLD"; while :; do sleep 1; done; }\necho 1.1.0\n',
    });
    const hold = join(folder, 'held');
    const child = spawn('sh', [join(next, 'install.sh'), '--for-me'], {
      cwd: '/',
      detached: true,
      env: { PATH: process.env.PATH, HOME: home, HOLD: hold },
    });
    while (!existsSync(hold)) await new Promise((resolve) => setTimeout(resolve, 10));
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await once(child, 'close');
    expect(sealift('--version').text).toBe('1.0.0\n');
    expect(versions()).toEqual(expect.arrayContaining(['.lock', expect.stringMatching(/^[.]part/)]));
    expect(install(next)).toMatchObject({ code: 0 });
    expect(sealift('--version').text).toBe('1.1.0\n');
    expect(versions()).toEqual(['1.0.0', '1.1.0', 'previous']);
  });

  it.each([
    ['an update', '1.1.0', () => ['sh', join(mediumWith('1.1.0'), 'install.sh'), '--for-me']],
    ['a return', '1.0.0', () => [program(), 'self', 'rollback']],
  ])(
    'starts after %s was killed before any of its commands, and takes it the next time',
    (_what, wanted, words) => {
      if (wanted === '1.0.0') install(mediumWith('1.1.0'));
      const command = words();
      const before = join(folder, 'before');
      cpSync(home, before, { recursive: true, verbatimSymlinks: true });
      const kill = killingTools();
      const seen = new Set<string>();
      for (let at = 1; ; at += 1) {
        rmSync(home, { recursive: true });
        cpSync(before, home, { recursive: true, verbatimSymlinks: true });
        const code = kill(command, at);
        const found = sealift('--version').text;
        expect(['1.0.0\n', '1.1.0\n']).toContain(found);
        if (code === 0) {
          expect(at).toBeGreaterThan(10);
          break;
        }
        expect(code).toBe(null);
        // Names that contain the process would always be new.
        const left = readdirSync(home, { recursive: true, encoding: 'utf8' })
          .sort()
          .join()
          .replace(/[.]\d+\b/g, '');
        if (seen.has(left)) continue;
        seen.add(left);
        // A return that is repeated would go forth again.
        if (found !== `${wanted}\n`) expect(runIn(home, command)).toMatchObject({ code: 0 });
        expect(sealift('--version').text).toBe(`${wanted}\n`);
      }
      expect(sealift('--version').text).toBe(`${wanted}\n`);
    },
    600_000,
  );

  it('refuses a second installation at the same time', () => {
    mkdirSync(join(trees(), '.lock'));
    writeFileSync(join(trees(), '.lock/pid'), `${process.pid}\n`);
    writeFileSync(join(trees(), '.lock/host'), runIn(home, ['uname', '-n']).text);
    expect(install(mediumWith('1.1.0'))).toMatchObject({
      code: 3,
      text: expect.stringContaining('Another installation'),
    });
    expect(sealift('--version').text).toBe('1.0.0\n');
  });

  it('replaces it by an older one only when told to', () => {
    const older = mediumWith('0.9.9');
    expect(install(older)).toMatchObject({ code: 3, text: expect.stringContaining('--allow-downgrade') });
    expect(install(older, '--allow-downgrade').code).toBe(0);
    expect(sealift('--version').text).toBe('0.9.9\n');
  });

  it('says that the same version is there already, and takes another build of it', () => {
    expect(install()).toMatchObject({ code: 0, text: expect.stringContaining('already installed') });
    const rebuilt = join(folder, 'rebuilt');
    mkdirSync(rebuilt);
    makeSmallPackage(rebuilt, { version: '1.0.0', node: '#!/bin/sh\necho rebuilt\n' });
    expect(install(rebuilt).code).toBe(0);
    expect(sealift('--version').text).toBe('rebuilt\n');
  });

  it('keeps the version before while it still runs', async () => {
    // A real program, so that the system knows from which folder it runs.
    const [tree = ''] = readdirSync(trees());
    writeFileSync(join(trees(), tree, 'bin/long'), readFileSync('/bin/sleep'), { mode: 0o755 });
    const child = spawn(join(trees(), tree, 'bin/long'), ['600']);
    await once(child, 'spawn');
    expect(install(mediumWith('1.1.0')).text).toContain('1.0.0 is still running');
    expect(install(mediumWith('1.2.0')).code).toBe(0);
    expect(versions()).toEqual(['1.0.0', '1.1.0', '1.2.0', 'previous']);
    expect(sealift('self', 'uninstall')).toMatchObject({ code: 3, text: expect.stringContaining('still running') });
    expect(sealift('--version').text).toBe('1.2.0\n');
    child.kill();
    await once(child, 'close');
  });
});

it('starts from a folder that was moved, and from links, but leaves such a folder alone', () => {
  install();
  const [tree = ''] = readdirSync(trees());
  const moved = join(folder, 'moved');
  renameSync(join(trees(), tree), moved);
  expect(runIn(home, [join(moved, 'bin/sealift'), '--version']).text).toBe('1.0.0\n');
  expect(runIn(home, [join(moved, 'bin/sealift'), 'self', 'uninstall'])).toMatchObject({
    code: 3,
    text: expect.stringContaining('was not installed by install.sh'),
  });
  expect(existsSync(moved)).toBe(true);
});

it.each<[string, (tree: string) => void]>([
  ['was moved away', (tree) => renameSync(tree, join(folder, 'moved'))],
  ['lost a file', (tree) => rmSync(join(tree, 'bin/node'))],
])('installs a version again whose folder %s, and keeps the one before', (_what, damage) => {
  install();
  const next = mediumWith('1.1.0');
  install(next);
  const [tree = ''] = readdirSync(trees()).filter((name) => name.startsWith('1.1.0'));
  damage(join(trees(), tree));
  expect(install(next)).toMatchObject({ code: 0, text: expect.stringContaining('Installed Sealift 1.1.0 again') });
  expect(sealift('--version').text).toBe('1.1.0\n');
  expect(versions()).toEqual(['1.0.0', '1.1.0', 'previous']);
  expect(sealift('self', 'rollback').code).toBe(0);
  expect(sealift('--version').text).toBe('1.0.0\n');
});

it('starts the service of a site by the link, which an update leaves', () => {
  const other = join(folder, 'other');
  mkdirSync(other);
  makeSmallPackage(other, { version: '1.0.0', node: '#!/bin/sh\necho "$@"\n' });
  expect(install(other).code).toBe(0);
  expect(sealift('run-service', '/a b').text).toMatch(
    /lib\/sealift\/1[.]0[.]0\S+\/lib\/out\/main\/service[.]js \/a b\n$/,
  );
  mkdirSync(join(home, '.config/systemd/user'), { recursive: true });
  const unit = join(home, '.config/systemd/user/sealift-plant.service');
  writeFileSync(unit, `ExecStart="${program()}" "run-service" "/a b"\n`);
  expect(sealift('self', 'uninstall')).toMatchObject({ code: 3, text: expect.stringContaining(unit) });
  rmSync(unit);
  expect(sealift('self', 'uninstall').code).toBe(0);
});

it('installs with a private umask', () => {
  expect(runIn(home, ['sh', '-c', `umask 077; sh ${medium}/install.sh --for-me`]).code).toBe(0);
  expect(statSync(program()).mode & 0o777).toBe(0o755);
});

describe('as an ordinary user', () => {
  const asUser = (command: string) =>
    runIn(home, ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'sh', '-c', command]);

  it.skipIf(isNotRoot)('refuses a home without the right to write, and an installation for all users', () => {
    for (const one of [folder, home, medium]) chmodSync(one, 0o755);
    expect(asUser(`sh ${medium}/install.sh`)).toMatchObject({
      code: 3,
      text: expect.stringContaining('No permission to write'),
    });
    expect(asUser(`sh ${medium}/install.sh --for-all`)).toMatchObject({
      code: 3,
      text: expect.stringContaining('Only root'),
    });
    expect(readdirSync(home)).toEqual([]);
  });
});

describe('on filesystems that do not take it', () => {
  const inMount = (options: string, then: string) =>
    runIn(home, ['unshare', '--mount', 'sh', '-c', `mount -t tmpfs -o ${options} tmpfs ${home} && { ${then}; }`]);

  it.skipIf(isNotRoot)('refuses a full disk', () => {
    writeSums(medium);
    const full = inMount('size=64k', `sh ${medium}/install.sh --for-me; echo code $?, $(ls -A ${home} | wc -l) files`);
    expect(full.text).toContain('Not enough free space');
    expect(full.text).toContain('code 3, 0 files');
  });

  it.skipIf(isNotRoot)('changes nothing when the disk fills up meanwhile', () => {
    const line = readFileSync(join(medium, 'PACKAGES'), 'utf8').replace(/100\n$/, '1\n');
    writeFileSync(join(medium, 'PACKAGES'), line);
    writeSums(medium);
    const full = inMount(
      'size=32k',
      `sh ${medium}/install.sh --for-me; echo code $?; ls -A ${home}/.local/lib/sealift ${home}/.local/bin`,
    );
    expect(full.text).toMatch(/could not be unpacked/);
    expect(full.text).toContain('code 4');
    expect(full.text).not.toMatch(/1[.]0[.]0[+]/);
  });

  it.skipIf(isNotRoot)('says that programs may not run there', () => {
    const noexec = inMount('noexec', `sh ${medium}/install.sh --for-me; echo code $?`);
    expect(noexec.text).toContain('programs may not run');
    expect(noexec.text).toContain('code 3');
  });
});
