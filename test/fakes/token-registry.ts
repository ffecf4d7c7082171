import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { MadeCertificate } from '../scenes/certificates.ts';
import { digestOf, type TestImage } from '../scenes/make-sources.ts';
import type { BreakingLine } from './breaking-line.ts';
import { HttpsServer, type SeenRequest, sendBytes } from './https-server.ts';

/** How a registry misbehaves. */
export interface RegistryFaults {
  /** Blobs end after so many bytes of each answer. */
  cutAt?: number;
  /** So many answers to blobs are `status`, or 429. */
  busy?: number;
  /** So many answers of the token service are. */
  tokensBusy?: number;
  status?: number;
  /** The `Retry-After` of these answers; 0 if not set. */
  retryAfter?: string;
  /** So many manifests break off in the middle. */
  manifestCuts?: number;
  /** A token of another repository is answered with 403 instead of a challenge. */
  forbidsOtherTokens?: boolean;
  /** Bytes that are sent instead of those of a blob. */
  wrong?: Map<string, Buffer>;
  /** Ranges are ignored. */
  ignoresRange?: boolean;
}

/** A registry with a token service and a host of its own for blobs, with faults; each repository has its own token. Without another name, images are in `team/app`. */
export class TokenRegistry {
  readonly faults: RegistryFaults = {};
  /** By repository and tag: `team/app:1.0`. */
  readonly tags = new Map<string, { bytes: Buffer; mediaType: string }>();
  /** So many tags in a page of their list. */
  pageLength = 1000;
  /** The order of that list. */
  order: 'sorted' | 'as added' = 'sorted';
  /** What a list that is not sorted gives after a tag that does not exist. */
  unknownLast: 'from the start' | 'nothing' = 'from the start';
  /** Each page of the list is followed by the same one. */
  isEndless = false;
  /** What refers to a digest. Without it, the registry has no such API. */
  referrers: Map<string, object[]> | undefined;
  readonly user = 'packer';
  readonly password = `word-${randomBytes(8).toString('hex')}`;
  /** Sends the blobs, if there is one. */
  line: BreakingLine | undefined;
  /** Bytes of blobs that were sent. */
  sentBytes = 0;
  registry!: HttpsServer;
  tokens!: HttpsServer;
  blobHost!: HttpsServer;
  readonly #byDigest = new Map<string, { bytes: Buffer; mediaType: string }>();
  readonly #blobs = new Map<string, Buffer>();
  readonly #tokens = new Map<string, string>();

  static async start(certificate: MadeCertificate): Promise<TokenRegistry> {
    const made = new TokenRegistry();
    made.registry = await HttpsServer.start(certificate, (seen, response) => made.#answer(seen, response));
    made.tokens = await HttpsServer.start(certificate, (seen, response) => made.#giveToken(seen, response));
    made.blobHost = await HttpsServer.start(certificate, (seen, response) => made.#sendBlob(seen, response));
    return made;
  }

  /** The image's name without its tag. */
  get name(): string {
    return `${this.registry.host}/team/app`;
  }

  /** Adds an image; the tag names it, or the index that lists it for its platform. */
  add(
    tag: string,
    images: { image: TestImage; platform?: { os: string; architecture: string } }[],
    repository = 'team/app',
  ): void {
    const type = 'application/vnd.oci.image';
    const listed = images.map(({ image, platform }) => {
      for (const bytes of [image.config, ...image.layers]) this.#blobs.set(digestOf(bytes), bytes);
      const document = { bytes: image.manifest, mediaType: `${type}.manifest.v1+json` };
      this.#byDigest.set(digestOf(image.manifest), document);
      return { mediaType: document.mediaType, digest: digestOf(image.manifest), size: image.manifest.length, platform };
    });
    const [only] = images;
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: listed }));
    const top =
      only && !only.platform
        ? { bytes: only.image.manifest, mediaType: `${type}.manifest.v1+json` }
        : { bytes: index, mediaType: `${type}.index.v1+json` };
    this.#byDigest.set(digestOf(top.bytes), top);
    this.tags.set(`${repository}:${tag}`, top);
  }

  /** Adds any other manifest with its blobs; without a tag, only its digest names it. Returns its digest. */
  addManifest(manifest: object, blobs: readonly Buffer[], tag?: string, repository = 'team/app'): string {
    const bytes = Buffer.from(JSON.stringify(manifest));
    const document = { bytes, mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest };
    for (const blob of blobs) this.#blobs.set(digestOf(blob), blob);
    this.#byDigest.set(digestOf(bytes), document);
    if (tag !== undefined) this.tags.set(`${repository}:${tag}`, document);
    return digestOf(bytes);
  }

  /** Returns a manifest that it has, as text. */
  manifestText(digest: string): string {
    return this.#byDigest.get(digest)?.bytes.toString('utf8') ?? '';
  }

  /** Returns all manifests and blobs by digest. */
  everything(): Map<string, Buffer> {
    return new Map([...this.#blobs, ...[...this.#byDigest].map(([digest, { bytes }]) => [digest, bytes] as const)]);
  }

  /** Gives a manifest that it has a tag. */
  tagManifest(tag: string, digest: string): void {
    const document = this.#byDigest.get(digest);
    if (document) this.tags.set(`team/app:${tag}`, document);
  }

  async close(): Promise<void> {
    for (const one of [this.registry, this.tokens, this.blobHost]) await one.close();
  }

  #answer(seen: SeenRequest, response: ServerResponse): void {
    const end = (status: number, headers: Record<string, string> = {}, body: Buffer | string = '') => {
      response.writeHead(status, headers).end(body);
    };
    const { pathname, searchParams } = new URL(seen.url, 'https://registry');
    const [, repository = '', kind, name = ''] =
      /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/([^/]+)$/.exec(pathname) ?? [];
    const scope = `repository:${repository}:pull`;
    if (seen.authorization === undefined || seen.authorization !== `Bearer ${this.#tokens.get(scope)}`) {
      if (seen.authorization !== undefined && this.faults.forbidsOtherTokens) return end(403);
      const challenge = `Bearer realm="https://${this.tokens.host}/token",service="app",scope="${scope}"`;
      return end(401, { 'www-authenticate': challenge });
    }
    if (kind === 'tags') {
      const tags = this.#tagsAfter(repository, searchParams.get('last') ?? '');
      const page = tags.slice(0, this.pageLength);
      const next = `</v2/${repository}/tags/list?n=${this.pageLength}&last=${page.at(-1)}>; rel="next"`;
      const headers: Record<string, string> = this.isEndless || page.length < tags.length ? { link: next } : {};
      return end(200, headers, JSON.stringify({ name: repository, tags: page }));
    }
    if (kind === 'referrers') {
      if (!this.referrers) return end(404);
      const headers = { 'content-type': 'application/vnd.oci.image.index.v1+json' };
      return end(200, headers, JSON.stringify({ schemaVersion: 2, manifests: this.referrers.get(name) ?? [] }));
    }
    if (kind === 'blobs') return end(307, { location: `https://${this.blobHost.host}/${name}?signature=x` });
    const found = this.tags.get(`${repository}:${name}`) ?? this.#byDigest.get(name);
    if (!found) return end(404);
    const cuts = this.faults.manifestCuts ?? 0;
    this.faults.manifestCuts = Math.max(0, cuts - 1);
    response.setHeader('content-type', found.mediaType);
    sendBytes(response, found.bytes, { cutAt: cuts > 0 ? found.bytes.length >> 1 : undefined });
  }

  #tagsAfter(repository: string, last: string): string[] {
    const prefix = `${repository}:`;
    const tags = [...this.tags.keys()].filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
    if (this.isEndless) return tags;
    if (this.order === 'sorted') return tags.filter((tag) => tag > last).sort();
    if (last === '' || tags.includes(last)) return tags.slice(tags.indexOf(last) + 1);
    return this.unknownLast === 'nothing' ? [] : tags;
  }

  #giveToken({ url, authorization }: SeenRequest, response: ServerResponse): void {
    const expected = `Basic ${Buffer.from(`${this.user}:${this.password}`).toString('base64')}`;
    const scope = new URL(url, 'https://tokens').searchParams.get('scope') ?? '';
    const token = this.#tokens.get(scope) ?? randomBytes(16).toString('hex');
    this.#tokens.set(scope, token);
    if (this.#isBusy('tokensBusy', response)) return;
    if (authorization !== expected) response.writeHead(401).end();
    else response.end(JSON.stringify({ token, expires_in: 60 }));
  }

  #isBusy(fault: 'busy' | 'tokensBusy', response: ServerResponse): boolean {
    const left = this.faults[fault] ?? 0;
    if (left === 0) return false;
    this.faults[fault] = left - 1;
    response.writeHead(this.faults.status ?? 429, { 'retry-after': this.faults.retryAfter ?? '0' }).end();
    return true;
  }

  #sendBlob({ url, range }: SeenRequest, response: ServerResponse): void {
    const digest = url.slice(1, url.indexOf('?'));
    const bytes = this.faults.wrong?.get(digest) ?? this.#blobs.get(digest);
    if (!bytes) return void response.writeHead(404).end();
    if (this.#isBusy('busy', response)) return;
    if (this.line) return void this.line.send(response, digest, bytes, range);
    const { cutAt, ignoresRange } = this.faults;
    this.sentBytes += sendBytes(response, bytes, { range: ignoresRange ? undefined : range, cutAt });
  }
}
