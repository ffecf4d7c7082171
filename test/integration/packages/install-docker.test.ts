import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { missing } from '../../needs.ts';
import { builtWorkers } from '../../run-sealift.ts';
import { ociLayout, writeTree } from '../../scenes/make-sources.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { smallImage } from '../../scenes/small-image.ts';
import { canThrowAway, runInThrowaway } from '../../scenes/throwaway-system.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const debs = process.env.SEALIFT_TEST_DOCKER_PACKAGES ?? '';
const reference = 'registry.example/arrive/hello:1';

/** Installs by the command of the remedy, then starts what a service manager would, and imports again. */
const script = `
sealift() { "$NODE" "$CLI" --home /srv/sealift "$@"; }
answer() { printf '%s: ' "$1"; cat; }
. /etc/os-release
others=$(dpkg-query --show --showformat '\${Package} \${Depends}\n' | grep -E ' (docker.io|containerd|runc|tini)\\b' | cut -d ' ' -f 1)
dpkg --purge --force-depends docker.io containerd runc tini $others >&2
! command -v dockerd >&2
sealift key trust "$KEY" >&2
sealift import "$MEDIUM" --json | answer first
sealift check --json | answer lacking || true
sealift deploy /srv/site.yaml --plan --json | answer refused || true
sealift packages --json | answer listed
sealift packages install docker --json | answer planned
! command -v dockerd >&2
sealift packages install docker --yes --json | answer installed
sealift packages install docker --yes --json | answer again
dockerd --bridge none --iptables=false >/srv/dockerd.log 2>&1 &
for _ in $(seq 300); do docker version >/dev/null 2>&1 && break; sleep 0.1; done
docker version >/dev/null || { tail -20 /srv/dockerd.log >&2; exit 1; }
sealift import "$MEDIUM" --json | answer second
sealift check --json | answer complete || true
docker run --rm --network none ${reference} | answer ran
`;

describe.skipIf(
  missing('root and overlayfs', canThrowAway) ||
    missing("the packages of this system's Docker (.ci/docker-packages)", () => debs !== '', { mayBeRefused: true }),
)('a machine without a container engine, and its packages on the medium', () => {
  let scene: PackScene;
  let medium = '';
  beforeAll(async () => {
    scene = await PackScene.open();
    const busybox = await readFile('/bin/busybox');
    const image = await smallImage([{ 'bin/busybox': busybox }], {
      Cmd: ['/bin/busybox', 'echo', 'hello from the medium'],
    });
    const bytes = {
      config: image.config.bytes,
      layers: image.layers.map((one) => one.bytes),
      manifest: image.manifest.bytes,
    };
    await writeTree(scene.at('image'), ociLayout([{ name: reference, image: bytes }]));
    const here = await readFile('/etc/os-release', 'utf8');
    const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(here)?.[1] ?? '';
    const system = `{system: ${value('ID')}, version: "${value('VERSION_ID')}", architecture: ${process.arch}}`;
    await scene.pack(
      [
        `{kind: files, name: docker, paths: ["${debs}"], provides: container-engine, for: ${system}}`,
        `{kind: files, name: docker-elsewhere, paths: ["${debs}"], provides: container-engine, for: {system: debian, version: "3"}}`,
        `{kind: image, path: image, reference: "${reference}"}`,
      ],
      ['medium'],
    );
    medium = scene.at('medium');
  });
  afterAll(() => scene.close());

  it('installs them by the remedy of what it lacks, then takes and runs the image', () => {
    const env = { NODE: process.execPath, CLI: `${builtWorkers}/cli.js`, KEY: scene.signer.keyId, MEDIUM: medium };
    const { code, stdout, stderr } = runInThrowaway(script, env);
    expect({ code, tail: code === 0 ? '' : stderr.slice(-3000) + stdout.slice(-2000) }).toEqual({ code: 0, tail: '' });
    const answers = Object.fromEntries(
      stdout.split('\n').flatMap((line) => {
        const [, name = '', text = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
        return name ? [[name, text.startsWith('{') ? JSON.parse(text) : text]] : [];
      }),
    );
    const command = 'sealift --home /srv/sealift packages install docker';
    const firstRemedy = (findings: { id: string; remedies: unknown[] }[], id: string) =>
      findings.find((one) => one.id === id)?.remedies[0];
    expect(firstRemedy(answers.first.data.findings, 'import.image-left-out')).toMatchObject({ command });
    expect(firstRemedy(answers.lacking.data.findings, 'hardware.engine')).toMatchObject({ command });
    expect(answers.listed.data.sets).toMatchObject([
      { name: 'docker', isForHere: true },
      { name: 'docker-elsewhere', isForHere: false },
    ]);
    const names = readdirSync(debs).filter((one) => one.endsWith('.deb'));
    expect(answers.planned.data.files).toHaveLength(names.length);
    expect(answers.planned.data.command.join(' ')).toMatch(/apt-get install --yes .*SourceList=[/]dev[/]null/);
    expect(answers.installed.data.files).toHaveLength(names.length);
    expect(answers.again.data).toMatchObject({ files: [], command: [] });
    expect(answers.again.data.present).toHaveLength(names.length);
    expect(answers.second.data).toMatchObject({ images: [{ reference }] });
    const engine = answers.complete.data.findings.find((one: { id: string }) => one.id === 'hardware.engine');
    expect(engine).toMatchObject({ severity: 'green' });
    expect(answers.ran).toBe('hello from the medium');
  });
});
