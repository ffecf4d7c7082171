import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { missing } from '../../needs.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { canThrowAway, runInThrowaway } from '../../scenes/throwaway-system.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** A package that says its version, as a maker of packages builds it. */
const spec = (version: string) => `Name: sealift-hello
Version: ${version}
Release: 1
Summary: For tests
License: MIT
BuildArch: noarch
AutoReqProv: no
%description
For tests.
%install
mkdir -p %{buildroot}/usr/bin
printf '#!/bin/sh\\necho hello ${version}\\n' >%{buildroot}/usr/bin/sealift-hello
chmod 755 %{buildroot}/usr/bin/sealift-hello
%files
/usr/bin/sealift-hello
`;

/** On a system that says it is Fedora 43, an operator without root's rights installs what the import brought, by sudo. */
const script = `
cat >/etc/os-release <<END
ID=fedora
VERSION_ID=43
PRETTY_NAME="Fedora Linux 43"
END
# As on Fedora; Debian's rpm has a database for each user.
mkdir -p /etc/rpm
echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.database
useradd --uid 4242 --user-group --home-dir /srv op
rm -f /etc/sudoers.d/*
for place in "$NODE" "$CLI" "$MEDIUM"; do
  while [ "$place" != / ]; do place=$(dirname "$place"); chmod o+rx "$place"; done
done
mkdir /srv/sealift
chown 4242:4242 /srv/sealift
sealift() { setpriv --reuid=4242 --regid=4242 --clear-groups "$NODE" "$CLI" --home /srv/sealift "$@"; }
answer() { printf '%s: ' "$1"; cat; }
install() { sealift packages install "$@" --json; }
sealift key trust "$KEY" >&2
sealift import "$MEDIUM" >&2
install hello | answer planned
sudo=$(command -v sudo)
mv "$sudo" /root/sudo
install hello --yes | answer refused || true
mv /root/sudo "$sudo"
install hello --yes | answer forbidden || true
echo 'op ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/op
install hello --yes | answer installed
sealift-hello | answer said
install hello --yes | answer again
install hello-before --yes | answer older
mv "$(command -v dnf)" /root/dnf
rpm --erase sealift-hello
install hello-before --yes | answer plain
sealift-hello | answer before
install hello --yes | answer updated
sealift-hello | answer after
`;

describe.skipIf(
  missing('root and overlayfs', canThrowAway) || missing('rpmbuild') || missing('dnf') || missing('sudo'),
)('packages for Fedora on the medium', () => {
  let scene: PackScene;
  beforeAll(async () => {
    scene = await PackScene.open();
    const system = `{system: fedora, version: "43", architecture: ${process.arch}}`;
    const sets = [];
    for (const [name, version] of Object.entries({ hello: '1.10', 'hello-before': '1.9' })) {
      const folder = scene.at(name);
      await mkdir(folder);
      await writeFile(scene.at(`${name}.spec`), spec(version));
      const define = ['--define', `_topdir ${scene.at('build')}`, '--define', `_rpmdir ${folder}`];
      execFileSync('rpmbuild', ['-bb', '--quiet', ...define, scene.at(`${name}.spec`)], { stdio: 'ignore' });
      sets.push(`{kind: files, name: ${name}, paths: ["${folder}"], provides: browser, for: ${system}}`);
    }
    await scene.pack(sets, ['medium']);
  });
  afterAll(() => scene?.close());

  it('are installed by sudo and dnf, or rpm where there is no dnf', async () => {
    const env = { NODE: process.execPath, CLI: `${builtWorkers}/cli.js`, KEY: scene.signer.keyId };
    const { code, stdout, stderr } = runInThrowaway(script, { ...env, MEDIUM: scene.at('medium') });
    expect({ code, tail: code === 0 ? '' : stderr.slice(-3000) + stdout.slice(-2000) }).toEqual({ code: 0, tail: '' });
    const answers = Object.fromEntries(
      stdout.split('\n').flatMap((line) => {
        const [, name = '', text = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
        return name ? [[name, text.startsWith('{') ? JSON.parse(text) : text]] : [];
      }),
    );
    const [file = ''] = (await readdir(join(scene.at('hello'), 'noarch'))).map((one) => `noarch/${one}`);
    const stored = expect.stringMatching(new RegExp(`^/srv/sealift/store/files/hello/.*${file}$`));
    expect(answers.planned.data.files).toEqual([stored]);
    expect(answers.planned.data.command).toEqual(['dnf', 'install', '--assumeyes', '--disablerepo=*', stored]);
    for (const { error } of [answers.refused, answers.forbidden]) {
      expect(error).toMatchObject({ code: 'packages.needs-root' });
      expect(JSON.stringify(error.remedies)).toContain('dnf install --assumeyes');
    }
    expect(answers.installed.data.files).toEqual([stored]);
    expect(answers.said).toBe('hello 1.10');
    expect(answers.again.data).toMatchObject({ files: [], command: [], present: [stored] });
    expect(answers.older.data).toMatchObject({ files: [], command: [] });
    expect(answers.plain.data.command.slice(0, 2)).toEqual(['rpm', '--upgrade']);
    expect([answers.before, answers.after]).toEqual(['hello 1.9', 'hello 1.10']);
  });
});
