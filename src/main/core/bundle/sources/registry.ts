import { z } from 'zod';
import type { ImageSpec } from '../../../../shared/bundle-spec.ts';
import { AppError, appError } from '../../../../shared/errors/app-error.ts';
import { fullReference, nameAndTag } from '../../../../shared/image-reference.ts';
import { sha256Digest } from '../../files/sha256.ts';
import { dockerLogin } from '../../remote/docker-logins.ts';
import { nextPage } from '../../remote/next-page.ts';
import { loginText, type RemoteAccess, type RemoteRange } from '../../remote/remote-access.ts';
import { allBytes, RemoteBytes } from '../../remote/remote-bytes.ts';
import type { RemoteHost } from '../../remote/remote-host.ts';
import { type Descriptor, imageIndex } from '../format/oci-schemas.ts';
import type { BlobSource } from './content-source.ts';
import { jsonOrNothing } from './image-platform.ts';
import { type FetchedDocument, type ImageStore, maxCheckedBytes } from './image-store.ts';
import { indexTypes, manifestTypes } from './manifest-types.ts';
import { nearNames } from './near-names.ts';
import type { RemoteSources } from './remote-sources.ts';

/** The largest manifest that registries accept. */
const maxJsonBytes = 4 * 1024 * 1024;
const maxTagBytes = 16 * 1024 * 1024;
const maxTagPages = 200;
const tagList = z.object({ tags: z.array(z.string().max(200)).nullable() });

/** The repository of an image in its registry, or in the mirror of that (OCI distribution specification 1.1). */
export class Registry implements ImageStore {
  /** Registry and repository as people write them: `docker.io/library/app`. */
  readonly name: string;
  readonly access: RemoteAccess;
  readonly #host: RemoteHost;
  readonly #base: string;
  readonly #remote: RemoteSources;

  private constructor(name: string, access: RemoteAccess, remote: RemoteSources) {
    this.name = name;
    this.access = access;
    this.#host = remote.hosts.at(access);
    this.#base = `${access.origin}/v2/${name.slice(name.indexOf('/') + 1)}`;
    this.#remote = remote;
  }

  /** Opens the repository of a reference with the login that Docker has for it; asks nothing yet. Throws `remote.login-unreadable`. */
  static async open(
    { reference, mirror }: Pick<ImageSpec, 'reference' | 'mirror'>,
    remote: RemoteSources,
    wanted = reference,
  ): Promise<Registry> {
    const full = nameAndTag(fullReference(reference)).name;
    const slash = full.indexOf('/');
    const asked = mirror ?? remote.mirrors[full.slice(0, slash)] ?? full.slice(0, slash);
    const name = asked + full.slice(slash);
    const host = name.slice(0, name.indexOf('/'));
    const login = await dockerLogin(host, remote.say);
    const origin = new URL(`https://${host === 'docker.io' ? 'registry-1.docker.io' : host}`).origin;
    const { ca, tokenHosts } = remote;
    remote.say(`Asking ${host} ${loginText(login)} for ${wanted}`);
    return new Registry(
      name,
      { name: host, origin, ...(login && { login }), ...(ca && { ca }), way: 'docker', tokenHosts },
      remote,
    );
  }

  /** Returns the manifest or index that a tag or digest names. Throws `remote.*`; for an unknown tag, with names like it. */
  async manifest(reference: string): Promise<FetchedDocument> {
    const found = await this.manifestIfAny(reference);
    if (found) return found;
    throw await this.#absent(reference, this.#named(reference));
  }

  /** Returns the manifest or index that a tag or digest names, if there is one. Throws `remote.*`. */
  async manifestIfAny(reference: string): Promise<FetchedDocument | undefined> {
    const what = this.#named(reference);
    const accept = [...manifestTypes, ...indexTypes].join(', ');
    const { status, headers, bytes } = await this.#get(`manifests/${reference}`, { accept }, what, maxJsonBytes);
    if (status === 404) return undefined;
    if (status !== 200) throw this.#odd(what, `HTTP ${status}`);
    return { bytes, digest: this.#checked(bytes, reference, what), mediaType: typeOf(headers) };
  }

  /**
   * Returns what refers to a digest, as its API of referrers or, where it has none, the tag in its place lists it. Throws `remote.*`.
   */
  async referrers(digest: string): Promise<Descriptor[]> {
    const what = `${this.name}, what refers to ${digest}`;
    const accept = 'application/vnd.oci.image.index.v1+json';
    // A registry without this API may answer anything: some refuse what they do not know like a wrong login.
    const answer = await this.#get(`referrers/${digest}`, { accept }, what, maxJsonBytes).catch((error: AppError) => {
      if (error.code === 'remote.unauthorised') return undefined;
      throw error;
    });
    const bytes = answer?.status === 200 ? answer.bytes : undefined;
    const listed = bytes && jsonOrNothing(bytes, imageIndex);
    if (listed) return listed.manifests;
    const tagged = await this.manifestIfAny(digest.replace(':', '-'));
    return (tagged && jsonOrNothing(tagged.bytes, imageIndex)?.manifests) ?? [];
  }

  /** Returns a small blob, verified. Throws `remote.*`. */
  async small({ digest, size }: Descriptor): Promise<Buffer> {
    const what = `${this.name}@${digest}`;
    if (size > maxJsonBytes) throw this.#odd(what, `it has ${size} bytes, too many for a configuration`);
    const bytes = await allBytes(this.#host, this.blob({ digest, size }), this.#remote);
    this.#checked(bytes, digest, what);
    return bytes;
  }

  /**
   * True when a blob exists; a small one is read and verified. Clean-up of a registry may leave a manifest without its blobs, and a wrong one
   * would stop a pack halfway. Throws `remote.*`.
   */
  async hasBlob(one: Descriptor): Promise<boolean> {
    try {
      if (one.size > 0) await (one.size > maxCheckedBytes ? this.start(one, 1) : this.small(one));
      return true;
    } catch (error) {
      if (
        error instanceof AppError &&
        ['remote.absent', 'remote.wrong-bytes', 'remote.odd-answer'].includes(error.code)
      )
        return false;
      throw error;
    }
  }

  /** Returns a blob as a source to pack. */
  async source(one: Descriptor): Promise<BlobSource> {
    return { key: one.digest, digest: one.digest, range: this.blob(one), access: this.access };
  }

  /** Returns the first bytes of a blob, and asks for no others. Throws `remote.*`. */
  async start(one: Pick<Descriptor, 'digest' | 'size'>, length: number): Promise<Buffer> {
    const wantedBytes = Math.min(length, one.size);
    const bytes = new RemoteBytes(this.#host, { ...this.blob(one), wantedBytes }, this.#remote);
    try {
      return await bytes.fill(Buffer.alloc(wantedBytes), 0);
    } finally {
      bytes.close();
    }
  }

  /** Returns the address of a manifest. */
  manifestUrl(digest: string): string {
    return `${this.#base}/manifests/${digest}`;
  }

  /** Returns where a blob is. */
  blob({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): RemoteRange {
    return { url: `${this.#base}/blobs/${digest}`, what: `${this.name}@${digest}`, sizeBytes: size };
  }

  /**
   * Returns all tags with this start. Follows the pages of the registry's list on the same host only. Throws `remote.tags-endless` for a
   * list with too many pages, and `remote.*`.
   */
  async tags(start: string): Promise<string[]> {
    const behind = await this.#listed(start, maxTagPages, start);
    // One that does not sort may begin anywhere, or nowhere, after a tag that it does not have.
    const isSure = behind.isSorted && behind.found.length > 0;
    const { found, isWhole } = isSure ? behind : await this.#listed(start, maxTagPages);
    if (isWhole) return found;
    throw appError('remote.tags-endless', { host: this.#host.host, what: this.name, pages: maxTagPages });
  }

  /**
   * The tags with this start: in the whole list, or in its part behind `last`. That part is read to one page past the start, where a sorted
   * list has no more of them, or until it shows that it is not sorted.
   */
  async #listed(start: string, mostPages: number, last?: string) {
    const what = `the tags of ${this.name}`;
    const found: string[] = [];
    let before = last ?? '';
    let [isSorted, isPast] = [true, false];
    let path: string | undefined = `tags/list?n=1000${last ? `&last=${encodeURIComponent(last)}` : ''}`;
    for (let page = 0; path !== undefined && page < mostPages; page += 1) {
      const { status, headers, bytes } = await this.#get(path, {}, what, maxTagBytes);
      if (status === 404) throw await this.#absent(':', what);
      if (status !== 200) throw this.#odd(what, `HTTP ${status}`);
      const { tags } = readTags(bytes.toString('utf8')) ?? {};
      if (!tags) throw this.#odd(what, 'it is not a list of tags');
      found.push(...tags.filter((tag) => tag.startsWith(start)));
      for (const tag of tags) {
        isSorted &&= before < tag;
        before = tag;
      }
      const isEnough = last !== undefined && (isPast || !isSorted);
      const elsewhere = () => this.#odd(what, 'its list continues elsewhere');
      path = isEnough ? undefined : nextPage(headers.link ?? '', `${this.#base}/`, elsewhere);
      isPast = before > `${start}\uffff`;
    }
    return { found, isSorted, isWhole: path === undefined };
  }

  #get(path: string, headers: Record<string, string>, what: string, limitBytes: number) {
    return this.#host.document({ url: `${this.#base}/${path}`, headers, what, watch: this.#remote }, limitBytes);
  }

  #named(reference: string): string {
    return reference.includes(':') ? `${this.name}@${reference}` : `${this.name}:${reference}`;
  }

  #checked(bytes: Buffer, wanted: string, what: string): string {
    const found = sha256Digest(bytes);
    if (!wanted.includes(':') || wanted === found) return found;
    throw appError('remote.wrong-bytes', { url: what, expected: wanted, found });
  }

  async #absent(reference: string, what: string): Promise<Error> {
    const listed = reference.includes(':') ? undefined : await this.#listed('', 5).catch(() => undefined);
    const near = nearNames(reference, listed?.found ?? []);
    return appError('remote.absent', { host: this.#host.host, what, near });
  }

  #odd(what: string, problem: string): Error {
    return appError('remote.odd-answer', { host: this.#host.host, what, problem });
  }
}

function typeOf(headers: Record<string, string>): string {
  return (headers['content-type'] ?? '').split(';', 1).join('').trim();
}

/** GitLab's registry answers null for no tags. */
function readTags(text: string): { tags: string[] } | undefined {
  try {
    return { tags: tagList.parse(JSON.parse(text)).tags ?? [] };
  } catch {
    return undefined;
  }
}
