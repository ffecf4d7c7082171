import { resolve } from 'node:path';
import { countText } from '../../../../../shared/count-text.ts';
import { digestOf } from '../../../../../shared/digest.ts';
import { appError } from '../../../../../shared/errors/app-error.ts';
import type { DebianSpec } from '../../../../../shared/fetched-files.ts';
import { sha256Hex } from '../../../files/sha256.ts';
import { withoutEndSlash } from '../../../http/without-end-slash.ts';
import type { RemoteAccess } from '../../../remote/remote-access.ts';
import { nearNames } from '../near-names.ts';
import { nameAt, type RemoteFile } from '../remote-file.ts';
import type { RemoteSources } from '../remote-sources.ts';
import { archiveSuite, hasIndexForAll, plainSuite } from './archive-suite.ts';
import { type DebianPackage, readPackages } from './packages-index.ts';
import { parseRelease, type Release, verifiedText } from './release.ts';
import { DebianArchive, type OfferedPackage } from './resolve-packages.ts';

const maxReleaseBytes = 4 * 1024 * 1024;
const maxIndexBytes = 128 * 1024 * 1024;
const architectures = { x64: 'amd64', arm64: 'arm64' };

/** Packages with their dependencies, and what the packer should know about them. */
export interface DebianFiles {
  files: RemoteFile[];
  notes: string[];
}

/** What one repository is read with. */
interface Asked {
  /** Of one suite, with no slash at the end. */
  base: string;
  architecture: string;
  keyring: string | undefined;
  access: RemoteAccess;
  remote: RemoteSources;
  notes: string[];
}

/**
 * Finds packages with everything that they need in Debian repositories. They are fetched while packing, each verified by its SHA-256 in the
 * repository's index, which the signed Release file verifies. Throws `remote.*`, `pack.repository-unsigned`, `pack.packages-unresolved`.
 */
export async function openDebian(
  spec: DebianSpec,
  processor: keyof typeof architectures,
  folder: string,
  remote: RemoteSources,
): Promise<DebianFiles> {
  const archive = new DebianArchive();
  const notes: string[] = [];
  const accesses = new Map<string, RemoteAccess>();
  for (const source of spec.sources) {
    const base = withoutEndSlash(new URL(source.address).href);
    const { origin, host } = new URL(base);
    const access = { name: host, origin, ...(remote.ca && { ca: remote.ca }), way: 'none' as const, tokenHosts: [] };
    accesses.set(origin, access);
    const keyring = source.keyring && resolve(folder, source.keyring);
    const asked = { base, architecture: architectures[processor], keyring, access, remote, notes };
    for (const suite of source.suites) await readSuite(archive, suite, source.components, asked);
  }
  const { packages, absent, base, problems } = archive.resolve(spec.packages, spec.withBase);
  const [missing] = absent;
  if (missing !== undefined) {
    const host = [...accesses.values()].map(({ name }) => name).join(', ');
    throw appError('remote.absent', { host, what: `package ${missing}`, near: nearNames(missing, archive.names()) });
  }
  if (problems.length > 0)
    throw appError('pack.packages-unresolved', { packages: spec.packages, problems: problems.slice(0, 20) });
  if (base.length > 0) {
    const some = `${base.slice(0, 5).join(', ')}${base.length > 5 ? ' …' : ''}`;
    notes.push(
      `${spec.packages.join(', ')}: ${countText(base.length, 'package')} of the base system, which every machine of this distribution has, not packed (${some}). A machine without the newest updates may need them too: withBase: true.`,
    );
  }
  notes.push(...lowerPriority(packages));
  const files = packages.map(({ url, sizeBytes, sha256 }): RemoteFile => {
    const access = accesses.get(new URL(url).origin);
    const digest = digestOf(sha256);
    return {
      name: nameAt(url),
      blob: { key: digest, digest, range: { url, sizeBytes }, ...(access && { access }) },
    };
  });
  return { files, notes };
}

/** What apt takes of such suites only when it is asked to. */
function lowerPriority(packages: readonly OfferedPackage[]): string[] {
  const suites = new Map<string, string[]>();
  for (const { name, version, suite } of packages) {
    const [from = ''] = suite.names;
    if (suite.priority < plainSuite.priority) suites.set(from, [...(suites.get(from) ?? []), `${name} ${version}`]);
  }
  return [...suites].map(([suite, names]) => {
    const some = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`;
    return `${countText(names.length, 'package')} of ${suite} (${some}): asked for, or needed by others where no other suite has a version that fits. apt itself takes packages of ${suite} only when it is asked to.`;
  });
}

async function readSuite(archive: DebianArchive, suite: string, components: string[], asked: Asked): Promise<void> {
  const { base, architecture, remote } = asked;
  const isFlat = suite.endsWith('/');
  const dir = isFlat ? `${base}/${suite}`.replace(/(\/\.?)+$/, '') : `${base}/dists/${suite}`;
  remote.say(`Asking ${new URL(base).host} for the packages of ${suite}`);
  const release = await readRelease(dir, asked);
  const ranked = archiveSuite(suite, release);
  for (const paths of isFlat ? [['Packages']] : components.map((one) => pathsOf(one, architecture, release))) {
    const listed = paths.flatMap((path) => indexAt(path, release) ?? []);
    if (listed.length === 0) {
      const [path = ''] = paths;
      const known = [...release.indexes.keys()].filter((one) => /\/?Packages$/.test(one));
      const what = `index ${path} in ${suite}`;
      throw appError('remote.absent', { host: new URL(dir).host, what, near: nearNames(path, known) });
    }
    for (const index of listed) for await (const one of readIndex(dir, index, asked)) archive.add(one, ranked);
  }
}

/** Of packages for one architecture and for all: many repositories list the latter in both, or in the first only. */
function pathsOf(component: string, architecture: string, release: Release): string[] {
  const all = hasIndexForAll(release) ? ['all'] : [];
  return [architecture, ...all].map((one) => `${component}/binary-${one}/Packages`);
}

/** An index as a repository compresses it. */
interface ListedIndex {
  name: string;
  compression: 'gz' | 'xz' | 'none';
  sha256: string;
}

function indexAt(path: string, { indexes }: Release): ListedIndex | undefined {
  const compression = (['gz', 'xz', 'none'] as const).find((one) => indexes.has(path + endingOf(one)));
  const name = path + endingOf(compression ?? 'none');
  const sha256 = indexes.get(name);
  return compression && sha256 !== undefined ? { name, compression, sha256 } : undefined;
}

async function* readIndex(
  dir: string,
  { name, compression, sha256 }: ListedIndex,
  asked: Asked,
): AsyncGenerator<DebianPackage> {
  const { base, architecture } = asked;
  const url = `${dir}/${name}`;
  const { host, pathname: what } = new URL(url);
  const bytes = await fetched(url, maxIndexBytes, asked);
  if (!bytes) throw appError('remote.absent', { host, what, near: [] });
  const found = sha256Hex(bytes);
  if (found !== sha256)
    throw appError('remote.wrong-bytes', { url, expected: digestOf(sha256), found: digestOf(found) });
  try {
    yield* readPackages(bytes, { compression, base, architecture });
  } catch (error) {
    throw appError('remote.odd-answer', { host, what, problem: (error as Error).message }, error);
  }
}

async function readRelease(dir: string, asked: Asked): Promise<Release> {
  const { keyring, notes } = asked;
  const [inRelease, host] = [await fetched(`${dir}/InRelease`, maxReleaseBytes, asked), new URL(dir).host];
  const plain = inRelease ?? (await fetched(`${dir}/Release`, maxReleaseBytes, asked));
  if (!plain) throw appError('remote.absent', { host, what: `${new URL(dir).pathname}/InRelease`, near: [] });
  const url = `${dir}/${inRelease ? 'InRelease' : 'Release'}`;
  if (keyring === undefined) {
    notes.push(`The signature of ${url} was not checked: BUNDLE.yaml names no keyring for it.`);
    return parseRelease(plain.toString('utf8'));
  }
  const signature = inRelease ? undefined : await fetched(`${dir}/Release.gpg`, maxReleaseBytes, asked);
  if (!inRelease && !signature)
    throw appError('pack.repository-unsigned', { url, keyring, problem: 'it has no signature' });
  const text = await verifiedText({ signed: plain, ...(signature && { signature }), url }, keyring);
  if (text === undefined && dir.startsWith('http:'))
    throw appError('pack.repository-unsigned', {
      url,
      keyring,
      problem: 'this machine has no program gpgv to check it',
    });
  if (text === undefined) notes.push(`The signature of ${url} was not checked: this machine has no program gpgv.`);
  const release = parseRelease(text ?? plain.toString('utf8'));
  const until = release.fields.get('Valid-Until') ?? '';
  if (Date.parse(until) < Date.now()) notes.push(`${url} was only valid until ${until}: newer packages may exist.`);
  return release;
}

async function fetched(url: string, limitBytes: number, { access, remote }: Asked): Promise<Buffer | undefined> {
  const { host, pathname: what } = new URL(url);
  const { status, bytes } = await remote.hosts.at(access).document({ url, what, watch: remote }, limitBytes);
  if (status === 404) return undefined;
  if (status !== 200) throw appError('remote.odd-answer', { host, what, problem: `HTTP ${status}` });
  return bytes;
}

function endingOf(compression: 'gz' | 'xz' | 'none'): string {
  return compression === 'none' ? '' : `.${compression}`;
}
