import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ContentSource } from '../../../src/main/core/bundle/sources/content-source.ts';
import { compareDebianVersions } from '../../../src/main/core/bundle/sources/debian/debian-version.ts';
import { HttpsServer, sendBytes } from '../../fakes/https-server.ts';
import { missing } from '../../needs.ts';
import { makeCertificate } from '../../scenes/certificates.ts';
import { type Control, DebianRepository } from '../../scenes/debian-repository.ts';
import { PackScene } from '../../scenes/pack-scene.ts';
import { checkMedia } from '../../scenes/packed-media.ts';

const packages: Control[] = [
  { Package: 'app', 'Pre-Depends': 'helper', Depends: 'libapp (>= 1.2~), base-lib, absent | mail-agent, perl-ish:any' },
  { Package: 'helper' },
  { Package: 'libapp', Version: '0.9' },
  { Package: 'libapp', Version: '1:1.2-1', Depends: 'libdeep' },
  { Package: 'libdeep', Depends: 'libapp' },
  { Package: 'perl-ish', 'Multi-Arch': 'allowed' },
  { Package: 'postman', Provides: 'mail-agent' },
  { Package: 'base-lib', Priority: 'required', Depends: 'libbase' },
  { Package: 'libbase' },
  { Package: 'first', Provides: 'choice' },
  { Package: 'second', Provides: 'choice' },
  { Package: 'chooser', Depends: 'choice' },
  { Package: 'orphan', Depends: 'libapp (>= 2:9)' },
  { Package: 'enemy', Depends: 'app', Breaks: 'libdeep (<< 2)' },
  { Package: 'native', Architecture: 'amd64', Depends: 'helper' },
];
/** Of a suite that apt takes nothing of by itself. */
const newer: Control[] = [
  { Package: 'app', Version: '2.0', Depends: 'libapp (>= 2:2), helper (>= 2), abi-2' },
  { Package: 'libapp', Version: '2:9-1' },
  { Package: 'helper', Version: '2.0', Provides: 'abi-2' },
  { Package: 'fresh', Depends: 'libapp, helper' },
  { Package: 'torn', Depends: 'libapp, needs-new' },
  { Package: 'needs-new', Depends: 'libapp (>= 2:2)' },
];
const backports = { pool: 'new', fields: 'Architectures: amd64\nNotAutomatic: yes\nButAutomaticUpgrades: yes\n' };
const noIndexForAll = 'Architectures: all amd64\nNo-Support-for-Architecture-all: Packages\n';
const tools = ['dpkg-deb', 'dpkg-scanpackages', 'gpg', 'gpgv', 'xz', 'apt-get'];

describe.skipIf(missing('dpkg'))('versions of Debian packages', () => {
  const versions = [
    '1.0',
    '1.0-1',
    '1.0~rc1',
    '1.0~',
    '1.0+b6',
    '1.00',
    '1.0a',
    '1:0.9',
    '1.10',
    '1.9',
    '0',
    '2.36-9+deb12u14',
    '2.36-9+deb12u9',
  ];
  it.each(versions)('are compared as dpkg does: %s', (one) => {
    for (const other of versions) {
      const holds = ['lt', 'eq', 'gt'].map(
        (sign) => spawnSync('dpkg', ['--compare-versions', one, sign, other]).status === 0,
      );
      expect([other, holds.indexOf(true) - 1]).toEqual([other, Math.sign(compareDebianVersions(one, other))]);
    }
  });
});

describe.skipIf(tools.some((tool) => missing(tool)))('packages of a Debian repository', () => {
  let repository: DebianRepository;
  let server: HttpsServer;
  let scene: PackScene;
  /** What the server sends instead of its files, by path. */
  const changed = new Map<string, Buffer | undefined>();

  beforeAll(async () => {
    repository = await DebianRepository.make();
    await repository.build(...packages);
    await repository.buildInto('new', ...newer);
    await repository.publish('stable');
    await repository.publish('backports', undefined, backports);
    await repository.publish('split', undefined, { fields: 'Architectures: all amd64\n', isSplit: true });
    await repository.publish('one', undefined, { fields: noIndexForAll, isSplit: true });
    await repository.publish('flat/', (bytes) => ({
      ending: '.xz',
      bytes: execFileSync('xz', ['-c'], { input: bytes }),
    }));
    const certificate = await makeCertificate(repository.folder, 'good');
    await writeFile(`${repository.folder}/ca.pem`, certificate.ca);
    server = await HttpsServer.start(certificate, async ({ url, range }, response) => {
      const path = decodeURIComponent(url.slice(1));
      const bytes = changed.has(path) ? changed.get(path) : await repository.read(path);
      if (bytes) sendBytes(response, bytes, { range });
      else response.writeHead(404).end();
    });
  });
  afterAll(async () => {
    await server?.close();
    await repository?.close();
  });
  beforeEach(async () => {
    scene = await PackScene.open();
    await cp(`${repository.folder}/ca.pem`, scene.at('ca.pem'));
    await cp(repository.keyring, scene.at('keys.gpg'));
    scene.more = ['network: { ca: ca.pem }'];
    vi.stubEnv('NO_PROXY', '127.0.0.1');
  });
  afterEach(async () => {
    changed.clear();
    vi.unstubAllEnvs();
    await scene.close();
  });

  interface Change {
    names?: string;
    suite?: string;
    keyring?: string;
    more?: string;
    address?: string;
  }
  function content({
    names = 'app',
    suite = 'stable',
    keyring = ', keyring: keys.gpg',
    more = '',
    address,
  }: Change = {}): string {
    const source = `{ address: "${address ?? `https://${server.host}/`}", suites: [${suite}]${keyring} }`;
    const debian = `{ packages: [${names}], sources: [${source}]${more} }`;
    return `{kind: files, name: tools, provides: browser, for: { system: debian, version: "12" }, debian: ${debian}}`;
  }
  const refusal = (change: Change = {}) =>
    scene.pack([content(change)], ['m1']).then(
      () => 'packed',
      (error) => error.wire ?? error,
    );
  const prepared = async (change: Change = {}): Promise<ContentSource | undefined> =>
    (await scene.prepare([content(change)], ['plan'])).sources[0];
  const namesOf = (source: ContentSource | undefined) =>
    source?.origins?.map(({ url }) => /([a-z-]+)_[^/]*$/.exec(url)?.[1]).sort();

  it('are packed with what they need, verified, without what every machine has', async () => {
    await scene.pack([content()], ['m1']);
    const { head, blobs } = await checkMedia([scene.at('m1')]);
    const manifest = JSON.parse(String(blobs.get(head.contents[0]?.manifest.digest ?? '')));
    const titles = manifest.layers.map((one: { annotations: object }) => Object.values(one.annotations)[0]).sort();
    const expected = ['app_1.0', 'helper_1.0', 'libapp_1.2-1', 'libdeep_1.0', 'perl-ish_1.0', 'postman_1.0'];
    expect(titles).toEqual(expected.map((name) => `${name}_all.deb`));
    expect(head.contents[0]?.packages).toMatchObject({ provides: 'browser', system: 'debian' });
    expect((await prepared())?.notes).toEqual([expect.stringContaining('1 package of the base system')]);
  });

  /** The addresses and sizes of what apt-get would fetch. */
  async function chosenByApt(suites: string, names: string[]) {
    const root = await scene.makeFolder('apt');
    for (const folder of ['lists/partial', 'archives/partial', 'parts'])
      await mkdir(`${root}/${folder}`, { recursive: true });
    await writeFile(`${root}/status`, '');
    const lines = suites
      .split(', ')
      .map((one) => `deb [arch=amd64 signed-by=${repository.keyring}] https://${server.host}/ ${one} main\n`);
    await writeFile(`${root}/sources.list`, lines.join(''));
    const options = Object.entries({
      'APT::Architecture': 'amd64',
      'APT::Architectures': 'amd64',
      'APT::Sandbox::User': 'root',
      'Dir::State::status': `${root}/status`,
      'Dir::State::Lists': `${root}/lists`,
      'Dir::Cache': root,
      'Dir::Cache::archives': `${root}/archives`,
      'Dir::Etc::SourceList': `${root}/sources.list`,
      'Dir::Etc::SourceParts': `${root}/parts`,
      'Dir::Etc::PreferencesParts': `${root}/parts`,
      'Acquire::https::CAInfo': scene.at('ca.pem'),
    }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const run = async (...args: string[]) =>
      (await promisify(execFile)('apt-get', [...options, '--quiet', ...args])).stdout;
    await run('update');
    const printed = await run('install', '--print-uris', '--yes', '--no-install-recommends', ...names);
    return [...printed.matchAll(/^'([^']+)' \S+ (\d+)/gm)].map(([, url, size]) => [url, Number(size)]).sort();
  }

  it.each([
    ['stable', 'app', 8],
    ['stable, backports', 'app', 8],
    ['stable, backports', 'app/backports', 3],
    ['stable, backports', 'fresh', 4],
    ['split', 'app, native', 9],
    ['one', 'native/one', undefined],
  ])('are those that apt-get chooses from the same repository: of %s, %s', async (suite, names, count) => {
    const ours = (await prepared({ suite, names, more: ', withBase: true' }).catch(() => undefined))?.blobs;
    const theirs = await chosenByApt(suite, names.split(', ')).catch(() => undefined);
    expect(ours?.map(({ range }) => ['url' in range && range.url, range.sizeBytes]).sort()).toEqual(theirs);
    expect(theirs?.length).toBe(count);
  });

  it('come from a suite that apt takes nothing of by itself where no other satisfies, which is said', async () => {
    const suite = 'stable, backports';
    const source = await prepared({ suite, names: 'orphan' });
    expect(source?.origins?.map(({ url }) => url.split('/').at(-1)).sort()).toEqual([
      'libapp_9-1_all.deb',
      'orphan_1.0_all.deb',
    ]);
    expect(source?.notes).toEqual([expect.stringContaining('1 package of backports (libapp 2:9-1)')]);
    expect((await prepared({ suite, names: 'app' }))?.notes?.join()).not.toContain('backports');
  });

  it('are refused where one would have to be taken in two versions, and packed once a person chose', async () => {
    const suite = 'stable, backports';
    const error = await refusal({ suite, names: 'torn' });
    expect(error).toMatchObject({ code: 'pack.packages-unresolved' });
    expect(error.message).toContain('ask for libapp/backports');
    expect(namesOf(await prepared({ suite, names: 'torn, libapp/backports' }))).toEqual([
      'libapp',
      'needs-new',
      'torn',
    ]);
  });

  it('come from a flat repository, whose index is compressed with xz', async () => {
    expect(namesOf(await prepared({ suite: 'flat/' }))).toEqual(namesOf(await prepared()));
  });

  it('can include the base system', async () => {
    expect(namesOf(await prepared({ more: ', withBase: true' }))).toContain('libbase');
  });

  it('say when a signature was not checked', async () => {
    const source = await prepared({ keyring: '' });
    expect(source?.notes).toContainEqual(expect.stringMatching(/signature of .*InRelease was not checked/));
  });

  it('are accepted with a keyring in text form, and a signature beside the Release file', async () => {
    await cp(repository.armouredKeyring, scene.at('keys.asc'));
    await repository.publish('beside');
    await repository.signBeside('beside');
    const source = await prepared({ suite: 'beside', keyring: ', keyring: keys.asc' });
    expect(source?.notes).toHaveLength(1);
  });

  it('are accepted when a key of the keyring signed them, among others', async () => {
    await repository.publish('two');
    await repository.signTwice('two');
    expect(namesOf(await prepared({ suite: 'two' }))).toContain('app');
  });

  it.each([
    ['that do not exist', { names: 'postmen' }, 'remote.absent', /postman/],
    ['of an unknown suite', { suite: 'stabler' }, 'remote.absent', /stabler/],
    ['that their suite lacks', { names: 'app/backports' }, 'remote.absent', /app\/backports/],
    [
      'that need a choice',
      { names: 'chooser' },
      'pack.packages-unresolved',
      /chooser needs choice: choose one of first, second/,
    ],
    [
      'that need what no one has',
      { names: 'orphan' },
      'pack.packages-unresolved',
      /libapp \(>= 2:9\): the newest of the sources is libapp 1:1\.2-1/,
    ],
    ['that exclude each other', { names: 'enemy' }, 'pack.packages-unresolved', /enemy cannot .* libdeep \(<< 2\)/],
    ['of a host that cannot be reached', { address: 'https://127.0.0.1:1' }, 'remote.unreachable', /127/],
    ['without TLS and keyring', { address: 'http://127.0.0.1:1', keyring: '' }, 'input.invalid', /keyring/],
  ])('%s are refused', async (_what, change, code, words) => {
    const error = await refusal(change);
    expect(error).toMatchObject({ code });
    expect(`${error.message} ${JSON.stringify(error.details)}`).toMatch(words);
  });

  it('are found once a person has chosen', async () => {
    expect(namesOf(await prepared({ names: 'chooser, second' }))).toEqual(['chooser', 'second']);
  });

  const inRelease = 'dists/stable/InRelease';
  it.each([
    [
      'another key',
      async () => {
        const other = await DebianRepository.make();
        await cp(other.keyring, scene.at('keys.gpg'));
        await other.close();
      },
      'pack.repository-unsigned',
    ],
    [
      'a changed Release file',
      async () =>
        changed.set(
          inRelease,
          Buffer.from(String(await repository.read(inRelease)).replace('Origin: Test', 'Origin: Evil')),
        ),
      'pack.repository-unsigned',
    ],
    ['no signature', async () => changed.set(inRelease, undefined), 'pack.repository-unsigned'],
    [
      'another index than it signed',
      async () => changed.set('dists/stable/main/binary-amd64/Packages.gz', Buffer.alloc(100)),
      'remote.wrong-bytes',
    ],
    ['no index', async () => changed.set('dists/stable/main/binary-amd64/Packages.gz', undefined), 'remote.absent'],
    [
      'too long a Release file',
      async () => changed.set(inRelease, Buffer.alloc(5 * 1024 * 1024, 10)),
      'remote.odd-answer',
    ],
    [
      'other bytes of a package',
      async () =>
        changed.set(
          'pool/helper_1.0_all.deb',
          Buffer.alloc(Number((await repository.read('pool/helper_1.0_all.deb'))?.length)),
        ),
      'remote.wrong-bytes',
    ],
  ] as const)('of a repository with %s are refused', async (_what, change, code) => {
    await change();
    expect(await refusal()).toMatchObject({ code });
  });

  it('are not read from a text that another key signed, before that of the repository', async () => {
    const other = await DebianRepository.make();
    await other.build({ Package: 'app' });
    await other.publish('stable');
    changed.set(
      inRelease,
      Buffer.concat([
        (await other.read(inRelease)) ?? Buffer.alloc(0),
        (await repository.read(inRelease)) ?? Buffer.alloc(0),
      ]),
    );
    await other.close();
    expect(await refusal()).toMatchObject({ code: 'pack.repository-unsigned' });
  });

  it('are not read from around the signed text', async () => {
    const text = String(await repository.read(inRelease));
    const index = 'main/binary-amd64/Packages.gz';
    const forged = `SHA256:\n ${'a'.repeat(64)} 100 ${index}\n`;
    changed.set(inRelease, Buffer.from(`${forged}\n${text}`));
    // gpgv takes such a file; only what it signs counts.
    expect(namesOf(await prepared())).toContain('app');
  });
});
