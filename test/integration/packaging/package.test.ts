import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { missing } from '../../needs.ts';
import { debianMachine, makeBusyboxMachine, runOnBareMachine } from '../../scenes/bare-machine.ts';
import { writeSums } from '../../scenes/small-package.ts';
import { readSpdx } from '../../scenes/spdx-schema.ts';

const platform = `linux-${process.arch}`;
const folder = mkdtempSync(join(tmpdir(), 'sealift-package-test-'));
const first = join(folder, 'first');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const name = `sealift-${version}-${platform}`;
const isLinux = process.platform === 'linux';
const packaged = isLinux ? makePackage(first) : { code: 1, text: '' };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(
  missing(
    `Linux and a registry that has Node for ${platform}`,
    () => isLinux && !packaged.text.includes('did not provide'),
  ),
)('the package of this machine', () => {
  it('is small, and has checksums and a bill of materials with a licence for each package', () => {
    expect(packaged).toMatchObject({ code: 0 });
    const files = ['PACKAGES', 'SHA256SUMS', 'install.sh', `${name}.spdx.json`, `${name}.tar.gz`];
    expect(readdirSync(first).sort()).toEqual(files);
    expect(statSync(join(first, `${name}.tar.gz`)).size).toBeLessThan(150e6);
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], { cwd: first });
    const sbom = readSpdx(readFileSync(join(first, `${name}.spdx.json`), 'utf8'));
    const names = sbom.packages.map((one) => one.name);
    expect(names).toEqual(expect.arrayContaining(['sealift', 'node', 'react', 'zod', `@node-llama-cpp/${platform}`]));
    expect(names.filter((one) => /typescript|electron|cuda|vulkan/.test(one))).toEqual([]);
    expect(sbom.packages.filter((one) => one.licenseDeclared === 'NOASSERTION')).toEqual([]);
  });

  it('is the same, byte for byte, when it is made again', () => {
    const again = join(folder, 'again');
    expect(makePackage(again).code).toBe(0);
    expect(readFileSync(join(again, 'SHA256SUMS'), 'utf8')).toBe(readFileSync(join(first, 'SHA256SUMS'), 'utf8'));
    rmSync(again, { recursive: true });
  });

  const cannotIsolate = missing('busybox') || missing('strace') || missing('ip') || process.getuid?.() !== 0;

  it.skipIf(cannotIsolate)('starts on a machine that has no more than busybox and the C library', () => {
    const root = join(folder, 'busybox');
    makeBusyboxMachine(root);
    const run = runOnBareMachine(root, { first }, start);
    expect(run).toMatchObject({ code: 0, text: expect.stringContaining(`it is ${version}\n`) });
    expect(run.text).toMatch(/^ {2}System +linux/m);
    expect(run.text).toMatch(/^left:$/m);
    expect(run.addresses.filter((address) => !/^127[.]|^::1$/.test(address))).toEqual([]);
  });

  // Debian's smallest system, as a disconnected machine may have it. Without it, busybox and this machine's libraries.
  it.skipIf(cannotIsolate)('does the whole job on a machine without Node, packages and network', () => {
    const second = laterBuild(join(folder, 'second'));
    const system = debianMachine || join(folder, 'root');
    if (!debianMachine) makeBusyboxMachine(system);
    const run = runOnBareMachine(system, { first, second }, wholeJob);
    expect(run.text).toContain('the end');
    expect(run.code).toBe(0);
    const [answers = ''] = /\{"ok":true.*/.exec(run.text) ?? [];
    const { data } = JSON.parse(answers) as { data: { probe: { hop: string; ok: boolean }[] } };
    expect(data.probe.length).toBeGreaterThan(4);
    expect(data.probe.filter((hop) => !hop.ok)).toEqual([]);
    expect(run.text).toMatch(/versions: 9[.]9[.]9 \S+\n/);
    expect(run.text).toContain(`versions: 9.9.9 ${version}\n`);
    expect(run.text).toContain(
      `after the update: ▲ rehearsal still runs with Sealift ${version}, and 9.9.9 is installed\n`,
    );
    expect(run.text).toContain('after the restart: \n');
    const left = run.text
      .slice(run.text.indexOf('left:'))
      .split('\n')
      .filter((line) => line.startsWith('/home'));
    expect(
      left.filter(
        (path) => !path.startsWith('/home/op/.local/share/sealift') && !path.startsWith('/home/op/rehearsal'),
      ),
    ).toEqual([]);
    // What was recorded shows that the recording works.
    expect(run.addresses).toContain('127.0.0.1');
    expect(run.addresses.filter((address) => !/^127[.]|^::1$/.test(address))).toEqual([]);
  });
});

const start = `
set -e
cd /
PATH=$PATH:$HOME/.local/bin
sh /media/first/install.sh
echo "it is $(sealift --version)"
sealift check || [ $? -eq 1 ]
sealift self uninstall --purge
echo left: $(find ~ -type f -o -type l)
`;

const wholeJob = `
set -e
cd /
PATH=$PATH:$HOME/.local/bin
! command -v node && ! command -v npm
sh /media/first/install.sh
sealift rehearse --json --no-docker --keep --dir ~/rehearsal
# The report may contain red findings about this machine.
sealift report verify ~/rehearsal/report --json | grep '"isGood":true'
site="sealift --home $HOME/rehearsal/disconnected-side"
sh /media/second/install.sh
updated=$(sealift --version)
echo "after the update: $($site status | grep 'still runs with')"
$site restart
echo "after the restart: $($site status | grep 'still runs with')"
sealift self rollback
echo "versions: $updated $(sealift --version)"
! sealift self uninstall
$site uninstall --yes
sealift key new packer
sealift self uninstall
echo left:
find ~ -type f -o -type l
echo the end
`;

function makePackage(to: string): { code: number | null; text: string } {
  const { status, stderr } = spawnSync('node', ['scripts/package.mjs', '--platform', platform, '--to', to], {
    encoding: 'utf8',
  });
  return { code: status, text: stderr };
}

/** The same package under a later version, compressed quickly. */
function laterBuild(to: string): string {
  const tree = join(to, name);
  mkdirSync(to);
  execFileSync('tar', ['-xzf', join(first, `${name}.tar.gz`), '-C', to]);
  const main = join(tree, 'lib/out/main');
  for (const file of readdirSync(main, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.js'))) {
    const text = readFileSync(join(main, file), 'utf8');
    if (text.includes(`"${version}"`)) writeFileSync(join(main, file), text.replaceAll(`"${version}"`, '"9.9.9"'));
  }
  execFileSync('tar', ['-c', '-I', 'gzip -1', '-f', join(to, `${name}.tar.gz`), '-C', to, name]);
  rmSync(tree, { recursive: true });
  writeFileSync(join(to, 'install.sh'), readFileSync(join(first, 'install.sh')));
  writeFileSync(join(to, 'PACKAGES'), readFileSync(join(first, 'PACKAGES'), 'utf8').replace(` ${version} `, ' 9.9.9 '));
  writeSums(to);
  return to;
}
