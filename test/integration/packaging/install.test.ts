import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
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
function mediumWith(version: string, facts: { node?: string } = {}): string {
  const other = join(folder, version);
  mkdirSync(other);
  makeSmallPackage(other, { version, ...facts });
  return other;
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

describe('what the installer refuses, before anything is written', () => {
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
    ['an older glibc than it needs', 'Sealift needs 9.99 or newer', (from) => remake(from, { libc: '9.99' })],
  ];

  it.each(cases)('%s', (_what, words, damage) => {
    damage(medium);
    expect(install()).toMatchObject({ code: 3, text: expect.stringContaining(words) });
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

  it('another program under its name', () => {
    mkdirSync(join(home, '.local/bin'), { recursive: true });
    writeFileSync(program(), 'other');
    expect(install()).toMatchObject({ code: 3, text: expect.stringContaining('already exists') });
    expect(existsSync(trees())).toBe(false);
  });

  it('an option that it does not know', () => {
    expect(install(medium, '--fast')).toMatchObject({ code: 2, text: expect.stringContaining('--fast') });
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
