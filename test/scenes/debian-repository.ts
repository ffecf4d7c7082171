import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Fields of a package's control file, besides those that every package has. */
export type Control = Record<string, string> & { Package: string };

/** A small Debian repository, made with Debian's own tools and signed with a key of its own. */
export class DebianRepository {
  readonly folder: string;
  /** The key, for gpgv. */
  readonly keyring: string;
  /** The same in text form. */
  readonly armouredKeyring: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.keyring = join(folder, 'keys.gpg');
    this.armouredKeyring = join(folder, 'keys.asc');
  }

  /** Needs dpkg-deb, dpkg-scanpackages and gpg. */
  static async make(): Promise<DebianRepository> {
    const made = new DebianRepository(await mkdtemp(join(tmpdir(), 'sealift-deb-')));
    await mkdir(made.#at('gnupg'), { mode: 0o700 });
    made.#gpg('--quick-generate-key', 'Repository <repo@example.org>', 'ed25519', 'sign', 'never');
    await writeFile(made.keyring, made.#gpg('--export'));
    await writeFile(made.armouredKeyring, made.#gpg('--armor', '--export'));
    return made;
  }

  /** Builds packages into the pool. */
  build(...packages: Control[]): Promise<void> {
    return this.buildInto('pool', ...packages);
  }

  /** Builds packages into a pool of their own. */
  async buildInto(pool: string, ...packages: Control[]): Promise<void> {
    for (const control of packages) {
      const fields = {
        Version: '1.0',
        Architecture: 'all',
        Maintainer: 'A <a@example.org>',
        Description: 'a package',
        ...control,
      };
      const text = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
      const name = `${control.Package}_${fields.Version.replace(/^\d+:/, '')}_${fields.Architecture}`;
      await this.#write(`build/${name}/DEBIAN/control`, text.join(''));
      await mkdir(this.#at(pool), { recursive: true });
      execFileSync('dpkg-deb', [
        '--build',
        '--root-owner-group',
        this.#at('build', name),
        this.#at(pool, `${name}.deb`),
      ]);
    }
  }

  /**
   * Writes the index and the signed Release file of a suite: with a component, or flat for one that ends in a slash. `fields`: more lines of
   * the Release file. `isSplit`: packages for every architecture have an index of their own.
   */
  async publish(
    suite = 'stable',
    compress: (bytes: Buffer) => { ending: string; bytes: Buffer } = gzip,
    { pool = 'pool', fields = 'Architectures: amd64\n', isSplit = false } = {},
  ): Promise<void> {
    const isFlat = suite.endsWith('/');
    const dir = isFlat ? suite : `dists/${suite}`;
    const rows: [string, Buffer][] = [];
    for (const architecture of isSplit ? ['amd64', 'all'] : [undefined]) {
      const only = architecture === undefined ? [] : ['--arch', architecture];
      const stdio = ['ignore', 'pipe', 'ignore'] as const;
      const scanned = execFileSync('dpkg-scanpackages', [...only, '--multiversion', pool], {
        cwd: this.folder,
        stdio: [...stdio],
      });
      const packages = architecture === 'amd64' ? withoutAll(scanned) : scanned;
      const { ending, bytes } = compress(packages);
      const path = isFlat ? 'Packages' : `main/binary-${architecture ?? 'amd64'}/Packages`;
      await this.#write(join(dir, path + ending), bytes);
      rows.push([path + ending, bytes], ...(ending === '' ? [] : [[path, packages] as [string, Buffer]]));
    }
    const sums = rows
      .map(([name, one]) => ` ${createHash('sha256').update(one).digest('hex')} ${one.length} ${name}\n`)
      .join('');
    const names = isFlat ? '' : `Suite: ${suite}\nCodename: ${suite}\nComponents: main\n`;
    await this.#write(
      join(dir, 'Release'),
      `Origin: Test\n${names}${fields}Date: ${new Date().toUTCString()}\nSHA256:\n${sums}`,
    );
    await rm(this.#at(dir, 'InRelease'), { force: true });
    this.#gpg('--output', this.#at(dir, 'InRelease'), '--clearsign', this.#at(dir, 'Release'));
  }

  /** Signs the Release file of a suite beside it instead. */
  async signBeside(suite = 'stable'): Promise<void> {
    const at = (name: string) => this.#at('dists', suite, name);
    await rm(at('InRelease'));
    this.#gpg('--output', at('Release.gpg'), '--armor', '--detach-sign', at('Release'));
  }

  /** Signs the Release file of a suite with a second key too, which no keyring has. */
  async signTwice(suite: string): Promise<void> {
    const at = (name: string) => this.#at('dists', suite, name);
    this.#gpg('--quick-generate-key', 'Second <second@example.org>', 'ed25519', 'sign', 'never');
    await rm(at('InRelease'));
    const keys = ['repo', 'second'].flatMap((name) => ['--local-user', `${name}@example.org`]);
    this.#gpg(...keys, '--output', at('InRelease'), '--clearsign', at('Release'));
  }

  read(path: string): Promise<Buffer | undefined> {
    return readFile(this.#at(path)).catch(() => undefined);
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }

  #at(...names: string[]): string {
    return join(this.folder, ...names);
  }

  async #write(path: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(this.#at(path)), { recursive: true });
    await writeFile(this.#at(path), content);
  }

  #gpg(...args: string[]): Buffer {
    return execFileSync('gpg', ['--homedir', this.#at('gnupg'), '--batch', '--passphrase', '', ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }
}

function gzip(bytes: Buffer): { ending: string; bytes: Buffer } {
  return { ending: '.gz', bytes: gzipSync(bytes) };
}

/** `--arch` of dpkg-scanpackages includes packages for every architecture. */
function withoutAll(packages: Buffer): Buffer {
  const own = String(packages)
    .split(/\n\n/)
    .filter((one) => one.trim() !== '' && !/^Architecture: all$/m.test(one));
  return Buffer.from(own.map((one) => `${one.trim()}\n\n`).join(''));
}
