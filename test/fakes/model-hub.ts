import { createHash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { MadeCertificate } from '../scenes/certificates.ts';
import type { BreakingLine } from './breaking-line.ts';
import { HttpsServer, type SeenRequest, sendBytes } from './https-server.ts';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const gitId = (bytes: Buffer) => createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
/** What Git LFS keeps on the Hub. */
const isLarge = (name: string) => /\.(safetensors|gguf|bin)$/.test(name);

/** A server with the HTTP interface of the Hugging Face Hub and one repository, `lab/tiny` unless named; large files come from another host. */
export class ModelHub {
  readonly token = `hf_${randomBytes(12).toString('hex')}`;
  readonly commits = new Map<string, Map<string, Buffer>>();
  /** Bytes that are sent instead of those of a large file. */
  readonly wrong = new Map<string, Buffer>();
  /** Sizes that the list states instead of the true ones. */
  readonly claimed = new Map<string, number>();
  /** Other branches and tags, by name. */
  readonly refs = new Map<string, string>();
  /** So many answers of the Hub itself break off in the middle. */
  cuts = 0;
  isGated = false;
  /** Files in a page of the list. */
  pageLength = 2;
  /** Sends the large files, if there is one. */
  line: BreakingLine | undefined;
  main = '';
  /** The repository's name. */
  repository = 'lab/tiny';
  hub!: HttpsServer;
  store!: HttpsServer;

  static async start(certificate: MadeCertificate): Promise<ModelHub> {
    const made = new ModelHub();
    made.hub = await HttpsServer.start(certificate, (seen, response) => made.#answer(seen, response));
    made.store = await HttpsServer.start(certificate, ({ url, range }, response) => {
      const name = url.slice(1);
      const bytes =
        made.wrong.get(name) ??
        [...made.commits.values()].flatMap((files) => [...files.values()]).find((one) => sha256(one) === name);
      if (bytes && made.line) void made.line.send(response, `sha256:${name}`, bytes, range);
      else if (bytes) sendBytes(response, bytes, { range });
      else response.writeHead(404).end();
    });
    return made;
  }

  /** Adds a commit to the branch main. */
  commit(files: Record<string, Buffer | string>): string {
    this.main = randomBytes(20).toString('hex');
    this.commits.set(this.main, new Map(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes)])));
    return this.main;
  }

  async close(): Promise<void> {
    await this.hub.close();
    await this.store.close();
  }

  #answer({ url, authorization, range }: SeenRequest, response: ServerResponse): void {
    const api = `/api/models/${this.repository}`;
    const { pathname, searchParams } = new URL(url, 'https://hub');
    const [, revision = ''] = /\/revision\/(.+)$/.exec(pathname) ?? [];
    const [, treeOf = ''] = /\/tree\/([0-9a-f]+)$/.exec(pathname) ?? [];
    const ofRepository = pathname.startsWith(`/${this.repository}/`) ? pathname.slice(this.repository.length + 1) : '';
    const [, commit = '', name = ''] = /^\/resolve\/([0-9a-f]{40})\/(.+)$/.exec(ofRepository) ?? [];
    const sha = revision === 'main' ? this.main : (this.refs.get(revision) ?? revision);
    const tree = this.commits.get(treeOf);
    const bytes = this.commits.get(commit)?.get(name);
    if (bytes) response.setHeader('x-repo-commit', commit);
    if (pathname === '/api/models') {
      const isOwner = searchParams.get('author') === this.repository.split('/')[0];
      return this.#send(response, JSON.stringify(isOwner ? [{ id: this.repository }] : []));
    }
    if (pathname === `${api}/refs`) {
      const branches = [...this.refs, ['main', this.main] as const];
      const listed = branches.map(([name, targetCommit]) => ({ name, ref: `refs/heads/${name}`, targetCommit }));
      return this.#send(response, JSON.stringify({ branches: listed, converts: [], tags: [] }));
    }
    if (pathname.startsWith(api) && this.commits.has(sha)) {
      const lastModified = '2026-01-02T03:04:05.000Z';
      this.#send(response, JSON.stringify({ id: 'lab/tiny', sha, lastModified, cardData: { license: 'apache-2.0' } }));
    } else if (pathname.startsWith(api) && tree)
      this.#list(tree, Number(searchParams.get('cursor') ?? 0), pathname, response);
    else if (bytes && this.isGated && authorization !== `Bearer ${this.token}`) {
      const challenge = 'Bearer realm="Authentication required", charset="UTF-8"';
      response.writeHead(401, { 'x-error-code': 'GatedRepo', 'www-authenticate': challenge }).end();
    } else if (bytes && isLarge(name)) {
      const linked = { 'x-linked-size': bytes.length, 'x-linked-etag': `"${sha256(bytes)}"` };
      response.writeHead(302, { location: `https://${this.store.host}/${sha256(bytes)}`, ...linked }).end();
    } else if (bytes) {
      response.setHeader('etag', `"${gitId(bytes)}"`);
      this.#send(response, bytes, range);
    } else response.writeHead(404, { 'x-error-code': 'RepoNotFound' }).end();
  }

  #send(response: ServerResponse, body: Buffer | string, range?: string): void {
    const bytes = Buffer.from(body);
    const cutAt = this.cuts > 0 ? bytes.length >> 1 : undefined;
    this.cuts = Math.max(0, this.cuts - 1);
    sendBytes(response, bytes, { range, cutAt });
  }

  #list(files: Map<string, Buffer>, from: number, path: string, response: ServerResponse): void {
    const listed = [...files].map(([name, bytes]) => {
      const oid = gitId(bytes);
      const lfs = isLarge(name) ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 134 } } : {};
      return { type: 'file', path: name, size: this.claimed.get(name) ?? bytes.length, oid, ...lfs };
    });
    const next = `<https://${this.hub.host}${path}?recursive=true&cursor=${from + this.pageLength}>; rel="next"`;
    if (from + this.pageLength < listed.length) response.setHeader('link', next);
    this.#send(response, JSON.stringify(listed.slice(from, from + this.pageLength)));
  }
}
