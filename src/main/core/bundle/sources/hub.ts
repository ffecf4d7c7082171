import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { HubModelSpec } from '../../../../shared/bundle-spec.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { givenToken } from '../../files/given-token.ts';
import { sayReadable } from '../../files/others-can-read.ts';
import { pathExists } from '../../files/path-exists.ts';
import { withoutEndSlash } from '../../http/without-end-slash.ts';
import { nextPage } from '../../remote/next-page.ts';
import { loginText, type RemoteAccess, type RemoteRange } from '../../remote/remote-access.ts';
import { allBytes, RemoteBytes } from '../../remote/remote-bytes.ts';
import type { RemoteHost } from '../../remote/remote-host.ts';
import { jsonOrNothing } from './image-platform.ts';
import { nearNames } from './near-names.ts';
import type { RemoteSources } from './remote-sources.ts';

const info = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  lastModified: z.iso.datetime().optional(),
  cardData: z.object({ license: z.unknown() }).optional(),
});
const entry = z.object({
  type: z.string(),
  path: z.string().max(1000),
  size: z.int().nonnegative(),
  oid: z.string(),
  lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() }).optional(),
});
const modelList = z.array(z.object({ id: z.string().max(300) }));
const namedRefs = z.array(z.object({ name: z.string().max(300) })).default([]);
const refList = z.object({ branches: namedRefs, tags: namedRefs });
const maxJsonBytes = 16 * 1024 * 1024;
const maxPages = 50;
/** The largest file that is fetched before packing. */
export const maxSmallBytes = 64 * 1024 * 1024;

/** A file of a repository: `oid` is Git's id of a small one, `sha256` the digest of one that Git LFS keeps. */
export interface HubFile {
  name: string;
  sizeBytes: number;
  oid: string;
  sha256: string | undefined;
}

/** A revision as it is now. */
export interface HubRevision {
  commit: string;
  changedMs: number;
  licence: string | undefined;
}

/** A model's repository on the Hugging Face Hub, or on a server with the same HTTP interface. */
export class Hub {
  /** The repository with its host, for people. */
  readonly name: string;
  readonly access: RemoteAccess;
  readonly #repository: string;
  readonly #host: RemoteHost;
  readonly #base: string;
  readonly #remote: RemoteSources;

  private constructor(repository: string, base: string, access: RemoteAccess, remote: RemoteSources) {
    this.#repository = repository;
    this.#base = base;
    this.access = access;
    this.#host = remote.hosts.at(access);
    this.name = `${this.#host.host}/${repository}`;
    this.#remote = remote;
  }

  /** Opens a repository with the person's token, if there is one; asks nothing yet. Throws `input.invalid` for an HF_ENDPOINT that is not https. */
  static async open(
    { repository }: HubModelSpec,
    remote: RemoteSources,
    env: NodeJS.ProcessEnv = process.env,
  ): Promise<Hub> {
    const base = withoutEndSlash(env.HF_ENDPOINT || 'https://huggingface.co');
    if (!URL.canParse(base) || new URL(base).protocol !== 'https:') {
      throw appError('input.invalid', {
        what: 'HF_ENDPOINT',
        issues: ['must be an address that starts with https://'],
      });
    }
    const { origin, host } = new URL(base);
    const token = await hubToken(env, remote.say);
    const login = token === undefined ? undefined : { kind: 'bearer' as const, token };
    const { ca } = remote;
    remote.say(`Asking ${host} ${loginText(login)} for ${repository}`);
    const access = {
      name: host,
      origin,
      ...(login && { login }),
      ...(ca && { ca }),
      way: 'hub' as const,
      tokenHosts: [],
    };
    return new Hub(repository, base, access, remote);
  }

  /** Returns what a branch, tag or commit is now. Throws `remote.*`. */
  async revision(revision: string): Promise<HubRevision> {
    const { value } = await this.#json(`revision/${encodeURIComponent(revision)}`, info, revision);
    const { sha, lastModified, cardData } = value;
    const licence = typeof cardData?.license === 'string' ? cardData.license : undefined;
    return { commit: sha, changedMs: Date.parse(lastModified ?? '') || 0, licence };
  }

  /** Returns all files of a commit. Throws `remote.*`. */
  async files(commit: string): Promise<HubFile[]> {
    const files: HubFile[] = [];
    let path: string | undefined = `tree/${commit}?recursive=true`;
    for (let page = 0; path !== undefined; page += 1) {
      if (page === maxPages) throw this.#odd('its list of files has too many pages');
      const { value, link }: { value: z.infer<typeof entry>[]; link: string } = await this.#json(
        path,
        z.array(entry),
        commit,
      );
      for (const one of value) {
        if (one.type !== 'file') continue;
        const sha256 = one.lfs?.oid;
        files.push({ name: one.path, sizeBytes: one.lfs?.size ?? one.size, oid: one.oid, sha256 });
      }
      path = nextPage(link, `${this.#base}/api/models/${this.#repository}/`, () =>
        this.#odd('its list of files continues elsewhere'),
      );
    }
    return files;
  }

  /** Returns the address of a commit, for people. */
  treeUrl(commit: string): string {
    return `${this.#base}/${this.#repository}/tree/${commit}`;
  }

  /** Returns where a file of a commit is. */
  range(commit: string, { name, sizeBytes }: HubFile): RemoteRange {
    const path = name.split('/').map(encodeURIComponent).join('/');
    return { url: `${this.#base}/${this.#repository}/resolve/${commit}/${path}`, what: this.#repository, sizeBytes };
  }

  /** Returns a whole small file, not verified. Throws `remote.*`; for a file that is too large without a digest, `remote.odd-answer`. */
  bytes(commit: string, file: HubFile): Promise<Buffer> {
    const { name, sizeBytes } = file;
    if (sizeBytes > maxSmallBytes)
      throw this.#odd(`${name} has ${sizeBytes} bytes and no SHA-256 to check while it is fetched`);
    return allBytes(this.#host, this.range(commit, file), this.#remote);
  }

  /** Returns the bytes of a file of any size. Close it after use. */
  open(commit: string, file: HubFile): RemoteBytes {
    return new RemoteBytes(this.#host, this.range(commit, file), this.#remote);
  }

  async #json<T>(path: string, schema: z.ZodType<T>, revision: string): Promise<{ value: T; link: string }> {
    const url = `${this.#base}/api/models/${this.#repository}/${path}`;
    const ask = { url, what: this.#repository, watch: this.#remote };
    const { status, headers, bytes } = await this.#host.document(ask, maxJsonBytes);
    if (status === 404) throw await this.#absent(revision);
    if (status !== 200) throw this.#odd(`HTTP ${status}`);
    try {
      return { value: schema.parse(JSON.parse(bytes.toString('utf8'))), link: headers.link ?? '' };
    } catch {
      throw this.#odd('it is not the list that the Hub would send');
    }
  }

  /** With names like it: of the owner's repositories or, where it has this one, of its branches and tags. */
  async #absent(revision: string): Promise<Error> {
    const [owner = ''] = this.#repository.split('/');
    const names = (await this.#listed(`?author=${owner}&limit=500`, modelList))?.map(({ id }) => id) ?? [];
    const refs = names.includes(this.#repository)
      ? await this.#listed(`/${this.#repository}/refs`, refList)
      : undefined;
    const near = refs
      ? nearNames(
          revision,
          [...refs.branches, ...refs.tags].map(({ name }) => name),
        )
      : nearNames(this.#repository, names);
    return appError('remote.absent', {
      host: this.#host.host,
      what: `${this.#repository}, revision ${revision}`,
      near,
    });
  }

  /** A help only: where there is none, the error without it is as true. */
  async #listed<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const ask = { url: `${this.#base}/api/models${path}`, what: this.#repository, watch: this.#remote };
    const answer = await this.#host.document(ask, maxJsonBytes).catch(() => undefined);
    return answer && jsonOrNothing(answer.bytes, schema);
  }

  #odd(problem: string): Error {
    return appError('remote.odd-answer', { host: this.#host.host, what: this.#repository, problem });
  }
}

/** The variables and files of the Hub's own clients. */
async function hubToken(env: NodeJS.ProcessEnv, say: RemoteSources['say']): Promise<string | undefined> {
  const home = env.HF_HOME || join(homedir(), '.cache', 'huggingface');
  const tokenFile = env.HF_TOKEN_PATH || join(home, 'token');
  if (env.HF_TOKEN) return givenToken({ token: env.HF_TOKEN });
  if (!(await pathExists(tokenFile))) return undefined;
  await sayReadable(tokenFile, 'the token', say);
  return givenToken({ tokenFile });
}
