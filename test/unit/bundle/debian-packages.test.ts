import { describe, expect, it } from 'vitest';
import { type DebianPackage, readPackages } from '../../../src/main/core/bundle/sources/debian/packages-index.ts';
import { parseRelations, satisfies } from '../../../src/main/core/bundle/sources/debian/relations.ts';
import { DebianArchive } from '../../../src/main/core/bundle/sources/debian/resolve-packages.ts';
import { nameAt } from '../../../src/main/core/bundle/sources/remote-file.ts';
import { checkBundleSpec } from '../../../src/shared/bundle-spec.ts';

const sha256 = 'a'.repeat(64);

function resolve(wanted: string[], ...packages: (Partial<DebianPackage> & { name: string })[]) {
  const archive = new DebianArchive();
  const fields = { version: '1.0', depends: '', conflicts: '', provides: '', isBase: false, sizeBytes: 1, sha256 };
  for (const one of packages) archive.add({ ...fields, url: `https://host/${one.name}.deb`, ...one });
  const { packages: found, base, problems } = archive.resolve(wanted, false);
  return { names: found.map(({ name }) => name), base, problems };
}

describe('what Debian packages need', () => {
  it('includes a package of the base system in one exact version, which a machine may not have', () => {
    const perl = { name: 'perl', depends: 'perl-base (= 5.36-2), libc6 (>= 2.3)' };
    const base = [
      { name: 'perl-base', version: '5.36-2', depends: 'libc6 (>= 2.35)', isBase: true },
      { name: 'libc6', version: '2.36', isBase: true },
    ];
    expect(resolve(['perl'], perl, ...base)).toEqual({ names: ['perl', 'perl-base'], base: ['libc6'], problems: [] });
  });

  it('conflicts with what another one provides', () => {
    const postfix = { name: 'postfix', provides: 'mail-agent', conflicts: 'mail-agent' };
    expect(resolve(['postfix'], postfix).problems).toEqual([]);
    expect(resolve(['postfix', 'exim'], postfix, { name: 'exim', provides: 'mail-agent' }).problems).toEqual([
      'postfix cannot be installed together with exim, which provides mail-agent',
    ]);
  });

  it.each(['lib (>= )', 'lib (~> 2)', 'lib (>= 1) [amd64]', 'lib:i386', 'lib >= 2'])(
    'is not guessed: %s',
    (depends) => {
      expect(resolve(['app'], { name: 'app', depends }, { name: 'lib' }).problems).toHaveLength(1);
    },
  );

  it('counts for any architecture', () => {
    const [[relation] = []] = parseRelations('lib:any (>= 1.0~)');
    expect([relation?.name, relation && satisfies('1.0', relation)]).toEqual(['lib', true]);
  });

  it('names another version that the sources have', () => {
    const { problems } = resolve(['app'], { name: 'app', depends: 'lib (<< 2)' }, { name: 'lib', version: '2.1' });
    expect(problems).toEqual(['app needs lib (<< 2): the newest of the sources is lib 2.1']);
  });
});

describe('an index of Debian packages', () => {
  const read = async (text: string, base = 'https://host/debian') => {
    const found: string[] = [];
    for await (const { url } of readPackages(Buffer.from(text), { compression: 'none', base, architecture: 'amd64' }))
      found.push(url);
    return found;
  };
  const stanza = (file: string) =>
    `Package: app\nVersion: 1\nArchitecture: amd64\nFilename: ${file}\nSize: 5\nSHA256: ${sha256}\n`;

  it('names files below its repository only', async () => {
    for (const file of ['../app.deb', 'https://other/app.deb', '//other/app.deb', '%2e%2e/app.deb'])
      expect([file, await read(stanza(file))]).toEqual([file, []]);
    expect(await read(stanza('pool/app.deb'))).toEqual(['https://host/debian/pool/app.deb']);
  });

  it('with an endless line is refused', async () => {
    await expect(read(`Description: ${'x'.repeat(3 * 1024 * 1024)}`)).rejects.toThrow(/a line/);
  });
});

describe('the name of a file at an address', () => {
  it('is the end of its path, decoded', () => {
    expect(nameAt('https://host/pool/app%2B1.deb?x=/y')).toBe('app+1.deb');
    expect(nameAt('https://host/pool/app.deb', 'other.deb')).toBe('other.deb');
    expect(nameAt('https://host/100%.deb')).toBe('100%.deb');
  });

  it.each(['..%2f..%2fapp.deb', 'app%1b[2J.deb', '%2fetc%2fapp.deb'])(
    'is refused where it leads elsewhere: %s',
    (end) => {
      expect(() => nameAt(`https://host/pool/${end}`)).toThrow(expect.objectContaining({ code: 'pack.unfit-name' }));
    },
  );
});

describe('a source of Debian packages', () => {
  it.each(['http://host/debian', 'HTTP://host/debian'])('without TLS needs a keyring: %s', (address) => {
    const debian = { packages: ['app'], sources: [{ address, suites: ['stable'] }] };
    const content = { kind: 'files', name: 'c', provides: 'browser', for: { system: 'debian', version: '12' }, debian };
    expect(checkBundleSpec({ bundle: 1, name: 'b', contents: [content] })).toMatchObject({
      problems: [{ problem: expect.stringContaining('keyring') }],
    });
  });
});

describe('a Helm chart in a registry', () => {
  const check = (repository: string) => {
    const charts = [{ repository, name: 'app', version: '1.0.0' }];
    return checkBundleSpec({ bundle: 1, name: 'b', contents: [{ kind: 'files', name: 'c', charts }] });
  };

  it('is not looked for at Docker Hub because its host has no dot', () => {
    expect(check('oci://registry/charts')).toMatchObject({ problems: [{ problem: expect.stringContaining('host') }] });
    for (const host of ['registry.example', 'registry:5000', 'localhost', 'docker.io'])
      expect([host, 'spec' in check(`oci://${host}/charts`)]).toEqual([host, true]);
  });
});
