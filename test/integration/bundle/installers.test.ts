import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describePlan } from '../../../src/main/core/bundle/pack/shown-plan.ts';
import { allowedSigner, sshFingerprint } from '../../../src/main/core/signing/ssh-signature.ts';
import { missing } from '../../needs.ts';
import { runHere } from '../../run-here.ts';
import { newSigner, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';
import { makeSmallPackage, runIn, shells, writeSums } from '../../scenes/small-package.ts';

const noSshKeygen = missing('ssh-keygen');
const noBusybox = missing('busybox');
const notes = '{kind: files, name: notes, paths: [notes]}';
let scene: PackScene;

beforeEach(async () => {
  scene = await PackScene.open();
  await writeTree(scene.at('notes'), { 'a.txt': 'note' });
  mkdirSync(scene.at('packages'));
  makeSmallPackage(scene.at('packages'), { version: '1.0.0' });
  scene.more = ['installers: packages'];
});
afterEach(() => scene.close());

const app = (...names: string[]) => scene.at('m1/sealift/app', ...names);
const text = (path: string) => readFileSync(path, 'utf8');

/** Writes an allowed signers file for a key. */
function trust(signer = scene.signer): string {
  writeFileSync(scene.at('signers'), `${allowedSigner(signer)}\n`);
  return scene.at('signers');
}

function verifySums(): boolean {
  const args = ['-Y', 'verify', '-f', trust(), '-I', 'sealift-packer', '-n', 'sealift', '-s', app('SHA256SUMS.sig')];
  return spawnSync('ssh-keygen', args, { input: readFileSync(app('SHA256SUMS')) }).status === 0;
}

function install(...args: string[]) {
  mkdirSync(scene.at('home'), { recursive: true });
  return runIn(scene.at('home'), ['sh', app('install.sh'), '--for-me', ...args]);
}

describe('packages of Sealift on media', () => {
  it('are on the first medium alone, signed in its list, and counted by the plan', async () => {
    const planned = await describePlan(await scene.prepare([notes], ['m1', 'm2']));
    const packed = await scene.pack([notes], ['m1', 'm2']);
    expect(planned.sizes).toBe('exact');
    expect(planned.media.map(({ bytes, files }) => ({ bytes, files }))).toEqual(
      packed.media.map(({ bytes, files }) => ({ bytes, files })),
    );
    const { media } = await checkMedia([scene.at('m1')]);
    const listed = media[0]?.files.map((file) => file.path).filter((path) => path.startsWith('sealift/app/'));
    expect(listed).toEqual(
      [...readdirSync(scene.at('packages')), 'SHA256SUMS.sig'].sort().map((name) => `sealift/app/${name}`),
    );
  });

  it('are on the first medium when the contents need another', async () => {
    await writeTree(scene.at('notes'), { 'big.bin': 'x'.repeat(2e6) });
    const limits = { mediumBytes: 1_200_000, partBytes: 1024 * 1024 };
    const packed = await scene.pack([notes], ['m1', 'm2', 'm3'], limits);
    expect(packed.media.length).toBeGreaterThan(1);
    expect(readdirSync(app())).toContain('install.sh');
    expect(text(scene.at('m1/START-HERE.txt'))).toContain('INSTALL SEALIFT');
    expect(text(scene.at('m2/START-HERE.txt'))).not.toContain('INSTALL SEALIFT');
  });

  it.skipIf(noSshKeygen)('verify with ssh-keygen as the page says, and install from the medium', async () => {
    await scene.pack([notes], ['m1']);
    expect(verifySums()).toBe(true);
    expect(install('--allowed-signers', trust())).toMatchObject({
      code: 0,
      text: expect.stringContaining('Signature: sealift-packer'),
    });
    for (const page of ['START-HERE.html', 'START-HERE.txt'])
      expect(text(scene.at('m1', page))).toContain('sh FOLDER/sealift/app/install.sh');
    // The lines of the page, typed as they are.
    const lines = text(scene.at('m1/START-HERE.txt'))
      .split('\n')
      .map((line) => line.trim());
    const from = lines.findIndex((line) => line.startsWith('cd FOLDER'));
    const typed = lines
      .slice(from, lines.indexOf('sha256sum -c SHA256SUMS') + 1)
      .join('\n')
      .replaceAll('FOLDER', scene.at('m1'));
    const checked = runIn(scene.at('home'), ['sh', '-e', '-c', typed]);
    expect(checked.code).toBe(0);
    expect(checked.text).toContain(sshFingerprint(scene.signer));
    expect(checked.text).toContain('Good "sealift" signature for sealift-packer');
    expect(checked.text).toContain('install.sh: OK');
  });

  it('tell what to type before an import, and what the machine still needs', async () => {
    const lacking = () => ['The machine lacks <a browser>.', `It also lacks ${'x'.repeat(400)}.`];
    const planned = await describePlan(await scene.prepare([notes], ['m1'], { lacking }));
    const packed = await scene.pack([notes], ['m1'], { lacking });
    expect(packed.media.map((one) => one.bytes)).toEqual(planned.media.map((one) => one.bytes));
    const [page, plain] = ['START-HERE.html', 'START-HERE.txt'].map((name) => text(scene.at('m1', name)));
    for (const one of [page, plain]) {
      expect(one).toMatch(/sealift key trust WORD WORD …[\s\S]*sealift import FOLDER/);
      expect(one).toMatch(/Never type the words that are written on this medium[\s\S]*sealift key trust WORD/);
    }
    expect(plain).toContain('WHAT THE MACHINE STILL NEEDS\n- The machine lacks <a browser>.\n- It also lacks');
    expect(page).toContain('<li>The machine lacks &lt;a browser&gt;.</li>');
    await scene.pack([notes], ['m2']);
    expect(text(scene.at('m2/START-HERE.txt'))).not.toContain('STILL NEEDS');
  });

  const wrong: [string, string, () => void][] = [
    ['another key', 'does not match a key', () => trust(newSigner())],
    ['a changed list', 'does not match a key', () => appendFileSync(app('SHA256SUMS'), '\n')],
    ['a missing signature', 'is missing', () => rmSync(app('SHA256SUMS.sig'))],
    ['a signature that was cut short', 'does not match a key', () => truncateSync(app('SHA256SUMS.sig'), 60)],
    ['no key', 'does not match a key', () => writeFileSync(scene.at('signers'), '')],
    ['something else than keys', 'does not match a key', () => writeFileSync(scene.at('signers'), 'MZ\0\u0001')],
  ];
  it.skipIf(noSshKeygen).each(wrong)('do not install with --allowed-signers after %s', async (_what, words, change) => {
    await scene.pack([notes], ['m1']);
    trust();
    change();
    mkdirSync(scene.at('home'), { recursive: true });
    for (const shell of shells.filter(([name]) => name !== 'busybox' || !noBusybox)) {
      const command = [...shell, app('install.sh'), '--for-me', '--allowed-signers', scene.at('signers')];
      expect(runIn(scene.at('home'), command)).toMatchObject({ code: 3, text: expect.stringContaining(words) });
      expect(readdirSync(scene.at('home'))).toEqual([]);
    }
  });

  const noKeygen: [string, string, string][] = [
    // What OpenSSH says on RHEL; Debian's takes the key in any mode.
    ['on a host in FIPS mode', 'in FIPS mode', 'echo "ED25519 keys are not allowed in FIPS mode" >&2; exit 255'],
    ['by a broken ssh-keygen', 'does not match a key', 'exit 255'],
  ];
  it.each(noKeygen)('can be installed without a check of their signature %s', async (_what, words, keygen) => {
    await scene.pack([notes], ['m1']);
    mkdirSync(scene.at('fakes'));
    writeFileSync(scene.at('fakes/ssh-keygen'), `#!/bin/sh\n${keygen}\n`, { mode: 0o755 });
    mkdirSync(scene.at('home'));
    const env = { PATH: `${scene.at('fakes')}:${process.env.PATH}` };
    const installWith = (...args: string[]) =>
      runIn(scene.at('home'), ['sh', app('install.sh'), '--for-me', ...args], env);
    expect(installWith('--allowed-signers', trust())).toMatchObject({ code: 3, text: expect.stringContaining(words) });
    expect(readdirSync(scene.at('home'))).toEqual([]);
    appendFileSync(app('PACKAGES'), '\n');
    expect(installWith()).toMatchObject({ code: 3, text: expect.stringContaining('PACKAGES is damaged') });
    truncateSync(app('PACKAGES'), text(app('PACKAGES')).length - 1);
    expect(installWith()).toMatchObject({ code: 0, text: expect.stringContaining('signature was not checked') });
    expect(text(scene.at('m1/START-HERE.txt'))).toContain('A host in FIPS mode may refuse this kind of key');
  });

  it('are not installed with --allowed-signers where ssh-keygen is missing', async () => {
    await scene.pack([notes], ['m1']);
    mkdirSync(scene.at('tools'));
    const tools = 'awk basename cut df dirname getconf id ls mkfifo readlink sha256sum tar tee uname'.split(' ');
    for (const one of tools)
      symlinkSync(execFileSync('sh', ['-c', `command -v ${one}`], { encoding: 'utf8' }).trim(), scene.at('tools', one));
    mkdirSync(scene.at('home'));
    const command = ['/bin/sh', app('install.sh'), '--for-me', '--allowed-signers', trust()];
    const run = runIn(scene.at('home'), command, { PATH: scene.at('tools') });
    expect(run).toMatchObject({ code: 3, text: expect.stringContaining('ssh-keygen is missing') });
    expect(readdirSync(scene.at('home'))).toEqual([]);
  });

  it('for Windows and macOS have their lines on the page', async () => {
    const names = ['sealift-1.0.0-win-x64.tar.gz', 'sealift-1.0.0-darwin-arm64.tar.gz'];
    for (const name of names) writeFileSync(scene.at('packages', name), name);
    await scene.pack([notes], ['m1']);
    expect(text(scene.at('m1/START-HERE.txt'))).not.toContain('On Windows');
    writeSums(scene.at('packages'));
    const planned = await describePlan(await scene.prepare([notes], ['m2']));
    const packed = await scene.pack([notes], ['m2']);
    expect(planned.media.map(({ bytes }) => bytes)).toEqual(packed.media.map(({ bytes }) => bytes));
    const lines = [
      'certutil -hashfile FOLDER\\sealift\\app\\sealift-1.0.0-win-x64.tar.gz SHA256',
      '"%LOCALAPPDATA%\\Sealift"\\sealift-1.0.0-win-x64\\bin\\sealift.cmd',
      '~/sealift/sealift-1.0.0-darwin-arm64/bin/sealift',
    ];
    for (const line of lines) {
      expect(text(scene.at('m2/START-HERE.txt'))).toContain(line);
      expect(text(scene.at('m2/START-HERE.html'))).toContain(line.replaceAll('"', '&quot;'));
    }
  });

  it('with a window have their lines on the page, each for whom it is, and only where they are', async () => {
    const tree = 'sealift-desktop-1.0.0-linux-x64';
    await writeTree(scene.at('made'), { [`${tree}/resources/sealift/bin/sealift`]: '#!/bin/sh\necho started\n' });
    execFileSync('chmod', ['755', scene.at('made', tree, 'resources/sealift/bin/sealift')]);
    execFileSync('tar', ['-czf', scene.at('packages', `${tree}.tar.gz`), '-C', scene.at('made'), tree]);
    const others: [string, string, string][] = [
      [
        'sealift_1.0.0_amd64.deb',
        'Debian and Ubuntu on x86-64',
        'sudo dpkg -i FOLDER/sealift/app/sealift_1.0.0_amd64.deb',
      ],
      [
        'sealift-desktop-1.0.0-win-x64.zip',
        'Windows on x86-64, with a window',
        'Get-FileHash FOLDER\\sealift\\app\\sealift-desktop-1.0.0-win-x64.zip',
      ],
      [
        'sealift-desktop-1.0.0-win-x64.zip',
        'in PowerShell',
        'Expand-Archive FOLDER\\sealift\\app\\sealift-desktop-1.0.0-win-x64.zip "$env:LOCALAPPDATA\\Sealift"',
      ],
      [
        'sealift-desktop-1.0.0-win-x64.zip',
        'in PowerShell',
        '\\sealift-desktop-1.0.0-win-x64\\resources\\sealift\\bin\\sealift.cmd" help',
      ],
      [
        'sealift-1.0.0-win-x64.tar.gz',
        'in a browser, in PowerShell',
        '& "$env:LOCALAPPDATA\\Sealift\\sealift-1.0.0-win-x64\\bin\\sealift.cmd"',
      ],
    ];
    for (const [name] of others) writeFileSync(scene.at('packages', name), name);
    writeSums(scene.at('packages'));
    await scene.pack([notes], ['a medium']);
    const page = text(scene.at('a medium/START-HERE.html'));
    const plain = text(scene.at('a medium/START-HERE.txt'));
    for (const [, whom, line] of others) {
      for (const one of [whom, line]) expect(plain).toContain(one);
      expect(page).toContain(line.replaceAll('&', '&amp;').replaceAll('"', '&quot;'));
    }
    expect(plain).not.toContain('macOS');
    // The lines of the folder for Linux, typed as they are.
    const lines = plain.split('\n').map((line) => line.trim());
    const from = lines.findIndex((line) => line.startsWith(`sha256sum FOLDER/sealift/app/${tree}`));
    const until = lines.findIndex((line) => line.endsWith(`${tree}/resources/sealift/bin/sealift`));
    const typed = lines
      .slice(from, until + 1)
      .join('\n')
      .replaceAll('FOLDER', `'${scene.at('a medium')}'`);
    mkdirSync(scene.at('home'));
    const run = runIn(scene.at('home'), ['sh', '-e', '-c', typed]);
    expect(run).toMatchObject({ code: 0, text: expect.stringMatching(/^started$/m) });
    const sums = [...run.text.matchAll(/\b[0-9a-f]{64}\b/g)].map(([sum]) => sum);
    expect(sums).toEqual([sums[0], sums[0]]);
  });

  it('for other machines alone do not offer the installer for Linux', async () => {
    const folder = scene.at('packages');
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.tar.gz'))) rmSync(`${folder}/${name}`);
    writeFileSync(`${folder}/sealift-1.0.0-win-x64.tar.gz`, 'tree');
    writeSums(folder);
    await scene.pack([notes], ['m1']);
    for (const page of ['START-HERE.html', 'START-HERE.txt']) {
      expect(text(scene.at('m1', page))).not.toContain('app/install.sh');
      expect(text(scene.at('m1', page))).toContain('For Windows on x86-64');
    }
  });

  it('are verified and left alone by an import', async () => {
    await scene.pack([notes], ['m1']);
    const home = ['--home', scene.at('data')];
    const { fingerprint } = { fingerprint: scene.signer.keyId };
    expect(await runHere(...home, 'key', 'trust', fingerprint)).toMatchObject({ exitCode: 0 });
    expect(await runHere(...home, 'bundle', 'verify', scene.at('m1'))).toMatchObject({ exitCode: 0 });
    expect(await runHere(...home, 'import', scene.at('m1'))).toMatchObject({ exitCode: 0 });
    appendFileSync(app('install.sh'), '\n');
    const damaged = await runHere(...home, '--json', 'bundle', 'verify', scene.at('m1'));
    expect(damaged.exitCode).toBe(1);
    expect(JSON.stringify(damaged.json)).toContain('sealift/app/install.sh');
  });

  it('are offered by an import when they are newer than this Sealift', async () => {
    const home = ['--home', scene.at('data')];
    await runHere(...home, 'key', 'trust', scene.signer.keyId);
    for (const [version, isOffered] of [
      ['9.0.0', true],
      ['0.0.9', false],
    ] as const) {
      rmSync(scene.at('packages'), { recursive: true });
      mkdirSync(scene.at('packages'));
      makeSmallPackage(scene.at('packages'), { version });
      await scene.pack([notes], ['m1'], { overwrite: true });
      const { stdout } = await runHere(...home, '--json', 'import', scene.at('m1'));
      expect(stdout.includes('brings Sealift 9.0.0')).toBe(isOffered);
      expect(stdout.includes(`sh ${app('install.sh')}`)).toBe(isOffered);
    }
  });

  it('of someone who is not trusted are never offered', async () => {
    rmSync(scene.at('packages'), { recursive: true });
    mkdirSync(scene.at('packages'));
    makeSmallPackage(scene.at('packages'), { version: '9.0.0' });
    await scene.pack([notes], ['m1']);
    const why = ['--override-untrusted', 'to see what it is'];
    const { stdout, exitCode } = await runHere('--home', scene.at('data'), '--json', 'import', scene.at('m1'), ...why);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('install.sh');
  });

  it('replace those of an earlier bundle', async () => {
    await scene.pack([notes], ['m1']);
    makeSmallPackage(scene.at('packages'), { version: '1.1.0' });
    rmSync(scene.at('packages', readdirSync(scene.at('packages')).find((name) => name.includes('1.0.0')) ?? ''));
    writeSums(scene.at('packages'));
    await scene.pack([notes], ['m1'], { overwrite: true });
    await checkMedia([scene.at('m1')]);
    expect(readdirSync(app()).filter((name) => name.endsWith('.tar.gz'))).toEqual([expect.stringContaining('1.1.0')]);
  });
});

describe('packages that are refused', () => {
  it('the medium itself', async () => {
    await scene.pack([notes], ['m1']);
    scene.more = ['installers: m1/sealift/app'];
    expect(await scene.refusal([notes], ['m1'], { overwrite: true })).toBe('pack.target-is-source');
  });

  it.each<[string, string, () => void]>([
    ['a folder without checksums', 'file.missing', () => rmSync(scene.at('packages/SHA256SUMS'))],
    ['a missing file', 'file.missing', () => rmSync(scene.at('packages/PACKAGES'))],
    ['a changed file', 'pack.installers', () => appendFileSync(scene.at('packages/install.sh'), '\n')],
    [
      'a list with a path',
      'pack.installers',
      () => appendFileSync(scene.at('packages/SHA256SUMS'), `${'0'.repeat(64)}  ../x\n`),
    ],
    [
      'a list with the name of a device',
      'pack.installers',
      () => appendFileSync(scene.at('packages/SHA256SUMS'), `${'0'.repeat(64)}  nul.txt\n`),
    ],
    [
      'a list without the installer',
      'pack.installers',
      () => execFileSync('sed', ['-i', '/install.sh/d', scene.at('packages/SHA256SUMS')]),
    ],
  ])('%s', async (_what, code, change) => {
    change();
    expect(await scene.refusal([notes], ['m1'])).toBe(code);
  });
});
