import { z } from 'zod';
import { type AppError, appError } from '../../../shared/errors/app-error.ts';
import { maxManifestBytes } from '../bundle/format/oci-documents.ts';
import { jsonOrNothing } from '../bundle/sources/image-platform.ts';
import { indexTypes, manifestTypes } from '../bundle/sources/manifest-types.ts';
import { sha256Digest } from '../files/sha256.ts';
import { answerWords } from '../remote/answer-words.ts';
import type { RemoteWatch } from '../remote/back-off.ts';
import { drop, type RemoteAnswer, type RemoteAsk, type RemoteHost } from '../remote/remote-host.ts';
import { isBusy, retryRequest } from '../remote/retry-request.ts';
import { isFull, refusalError } from './push-error.ts';
import { maxUrlChars } from './uploads.ts';

/** An upload that the registry keeps: where its next bytes go, and how many it has. */
export interface Upload {
  url: string;
  offsetBytes: number;
}

/** A piece of a blob on its way. */
export interface Piece {
  data: Buffer;
  /** Ends the request; later than the work, so that a piece that is nearly sent still arrives. */
  until: AbortSignal;
  /** Gets the number of bytes that went out, and the offset in the blob behind them. */
  onSent(bytes: number, offsetBytes: number): void;
}

/** The rows of an index, kept as they are. */
const rows = z.object({ manifests: z.array(z.looseObject({ digest: z.string() })) });
type Answered = Pick<RemoteAnswer, 'status' | 'headers'>;
const gone: Answered = { status: 404, headers: {} };
/** A registry may check or move a whole blob before it answers. */
const finishMs = 30 * 60_000;

/** Writes to a registry (OCI distribution specification 1.1, "Pushing"). All methods throw `remote.*` and `push.*` errors, and the signal's reason. */
export class SiteRegistry {
  readonly #host: RemoteHost;
  readonly #watch: RemoteWatch;

  constructor(host: RemoteHost, watch: RemoteWatch) {
    this.#host = host;
    this.#watch = watch;
  }

  /** True when a repository has a blob. */
  async hasBlob(repository: string, digest: string): Promise<boolean> {
    const what = `${repository}@${digest}`;
    const answer = await this.#host.ask({
      method: 'HEAD',
      url: this.#url(`${repository}/blobs/${digest}`),
      what,
      watch: this.#watch,
    });
    if (answer.status === 200 || answer.status === 404) await drop(answer);
    else throw await this.#refusal(answer, what);
    return answer.status === 200;
  }

  /** Returns the digest of the manifest that a tag names; undefined when there is none. */
  async taggedDigest(repository: string, tag: string): Promise<string | undefined> {
    const what = `${repository}:${tag}`;
    const accept = [...manifestTypes, ...indexTypes].join(', ');
    const ask = { url: this.#url(`${repository}/manifests/${tag}`), headers: { accept }, what, watch: this.#watch };
    const { status, bytes } = await this.#host.document(ask, maxManifestBytes);
    if (status === 404) return undefined;
    if (status !== 200) throw refusalError({ host: this.#host.host, what, status, answer: `HTTP ${status}` });
    return sha256Digest(bytes);
  }

  /** Starts an upload; undefined when the registry took the blob over from another repository of its own. */
  async start(repository: string, digest: string, from?: string): Promise<Upload | undefined> {
    const what = `${repository}@${digest}`;
    const mount = from === undefined ? '' : `?${new URLSearchParams({ mount: digest, from })}`;
    const answer = await this.#write({ method: 'POST', url: this.#url(`${repository}/blobs/uploads/${mount}`), what });
    if (answer.status !== 201 && answer.status !== 202) throw await this.#refusal(answer, what);
    await drop(answer);
    return answer.status === 201 ? undefined : { url: this.#next(answer, what), offsetBytes: 0 };
  }

  /** Returns how far an upload is; undefined when the registry no longer knows it. */
  async status(url: string, what: string): Promise<Upload | undefined> {
    const answer = await this.#host.ask({ url, what, watch: this.#watch });
    await drop(answer);
    if (answer.status !== 204) return undefined;
    return {
      url: this.#next({ ...answer, headers: { location: url, ...answer.headers } }, what),
      offsetBytes: endOf(answer) ?? 0,
    };
  }

  /** Sends the next bytes of an upload. Returns what it is then; undefined when the registry no longer knows it. */
  async send(upload: Upload, piece: Piece, what: string): Promise<Upload | undefined> {
    const end = upload.offsetBytes + piece.data.length;
    let at: Upload | undefined = upload;
    while (at && at.offsetBytes < end) {
      const before: number = at.offsetBytes;
      at = await this.#sendSome(at, { ...piece, data: piece.data.subarray(before - upload.offsetBytes) }, what);
      if (at && at.offsetBytes <= before) return undefined;
    }
    return at;
  }

  /** Ends an upload. `gone`: the registry no longer knows it. `wrong`: its bytes have another digest. */
  async finish(upload: Upload, repository: string, digest: string): Promise<'done' | 'gone' | 'wrong'> {
    const what = `${repository}@${digest}`;
    const url = new URL(upload.url);
    url.searchParams.set('digest', digest);
    const answer = await this.#write({ method: 'PUT', url: url.href, what, patienceMs: finishMs });
    if (answer.status === 201 || answer.status === 204) {
      await drop(answer);
      return 'done';
    }
    // An answer may have been lost on its way: then the upload is gone, and the blob is there.
    const isKnown = [400, 404, 416].includes(answer.status);
    if (isKnown && (await this.hasBlob(repository, digest))) return 'done';
    const words = await answerWords(answer);
    if (answer.status === 400 && /DIGEST_INVALID/.test(words)) return 'wrong';
    if (isKnown) return 'gone';
    throw refusalError({ host: this.#host.host, what, status: answer.status, answer: words });
  }

  /** Stores a manifest under a tag or its digest, and verifies that this names it. Returns whether the registry itself lists it for its subject. */
  async putManifest(
    { repository, tag }: { repository: string; tag: string },
    { bytes, mediaType }: { bytes: Buffer; mediaType: string },
  ): Promise<boolean> {
    const what = `${repository}${tag.includes(':') ? '@' : ':'}${tag}`;
    const headers = { 'content-type': mediaType };
    const url = this.#url(`${repository}/manifests/${tag}`);
    const answer = await this.#write({ method: 'PUT', url, headers, body: { bytes }, what, patienceMs: finishMs });
    if (answer.status !== 201) throw await this.#refusal(answer, what);
    await drop(answer);
    const listsReferrers = answer.headers['oci-subject'] !== undefined;
    if ((await this.taggedDigest(repository, tag)) === sha256Digest(bytes)) return listsReferrers;
    throw appError('push.refused', { host: this.#host.host, what, answer: 'it stored another manifest' });
  }

  /** Returns the digests of what the registry lists about a subject, itself or in the index under a tag. */
  async referrers(repository: string, subject: string): Promise<string[]> {
    const headers = { accept: indexTypes.join(', ') };
    const what = `${repository}@${subject}`;
    const found: string[] = [];
    for (const path of [`referrers/${subject}`, `manifests/${subject.replace(':', '-')}`]) {
      const ask = { url: this.#url(`${repository}/${path}`), headers, what, watch: this.#watch };
      // A registry without this API may refuse it like a wrong login.
      const answer = await this.#host.document(ask, maxManifestBytes).catch((error: AppError) => {
        if (error.code === 'remote.unauthorised') return undefined;
        throw error;
      });
      const listed = answer?.status === 200 ? jsonOrNothing(answer.bytes, rows) : undefined;
      found.push(...(listed?.manifests ?? []).map(({ digest }) => digest));
    }
    return found;
  }

  /**
   * Adds a manifest to the index of those about a subject, which stands under a tag where the registry lists none itself (OCI distribution
   * specification 1.1, "Referrers tag schema"). Throws `push.refused` where that tag names something else.
   */
  async addReferrer(repository: string, subject: string, row: { digest: string; mediaType: string }): Promise<void> {
    const tag = subject.replace(':', '-');
    const url = this.#url(`${repository}/manifests/${tag}`);
    const what = `${repository}:${tag}`;
    const headers = { accept: indexTypes.join(', ') };
    const { status, bytes } = await this.#host.document({ url, headers, what, watch: this.#watch }, maxManifestBytes);
    const before = status === 404 ? [] : jsonOrNothing(bytes, rows)?.manifests;
    // Overwriting what is no index could take away what someone else needs.
    if (!before || ![200, 404].includes(status))
      throw appError('push.refused', {
        host: this.#host.host,
        what,
        answer: 'the tag names something else than an index',
      });
    if (before.some(({ digest }) => digest === row.digest)) return;
    const mediaType = indexTypes[0] ?? '';
    const index = { schemaVersion: 2, mediaType, manifests: [...before, row] };
    await this.putManifest({ repository, tag }, { mediaType, bytes: Buffer.from(JSON.stringify(index)) });
  }

  /** Asks again from where the registry stopped. */
  async #sendSome(upload: Upload, { data, until, onSent }: Piece, what: string): Promise<Upload | undefined> {
    const end = upload.offsetBytes + data.length;
    let at: Upload | undefined = upload;
    let isFirst = true;
    await this.#retried(upload.url, async () => {
      if (!isFirst) at = at && (await this.status(at.url, what));
      isFirst = false;
      if (!at || at.offsetBytes < upload.offsetBytes || at.offsetBytes > end) at = undefined;
      if (!at || at.offsetBytes === end) return gone;
      const answer = await this.#patch(
        at,
        { data: data.subarray(at.offsetBytes - upload.offsetBytes), until, onSent },
        what,
      );
      if (isBusy(answer.status)) return this.#unlessFull(answer, what);
      if (![201, 202, 204].includes(answer.status)) {
        // It keeps another number of bytes than it said, or none: 404, 416, and 400 of old ones.
        if (![400, 404, 416].includes(answer.status)) throw await this.#refusal(answer, what);
        await drop(answer);
        at = undefined;
        return gone;
      }
      await drop(answer);
      at = { url: this.#next(answer, what), offsetBytes: endOf(answer) ?? end };
      return answer;
    });
    return at;
  }

  #patch({ url, offsetBytes }: Upload, { data, until, onSent }: Piece, what: string): Promise<RemoteAnswer> {
    const range = `${offsetBytes}-${offsetBytes + data.length - 1}`;
    let sent = offsetBytes;
    const count = (bytes: number) => {
      sent += bytes;
      onSent(bytes, sent);
    };
    return this.#host.ask({
      method: 'PATCH',
      url,
      headers: { 'content-type': 'application/octet-stream', 'content-range': range },
      body: { bytes: data, onSent: count },
      what,
      watch: { ...this.#watch, signal: until },
      isOnce: true,
    });
  }

  /** What may be written twice without harm: the registry keeps one of both. */
  #write(ask: Omit<RemoteAsk, 'watch'>): Promise<RemoteAnswer> {
    return this.#retried(ask.url, async () => {
      const answer = await this.#host.ask({ ...ask, watch: this.#watch, isOnce: true });
      return isBusy(answer.status) ? { ...answer, ...(await this.#unlessFull(answer, ask.what)) } : answer;
    });
  }

  #retried<T extends Answered>(url: string, ask: () => Promise<T>): Promise<T> {
    return retryRequest({ access: this.#host.access, watch: this.#watch, at: { url } }, ask);
  }

  /** A full registry answers with 500, and is not empty a minute later. */
  async #unlessFull(answer: RemoteAnswer, what: string): Promise<Answered> {
    const { status, headers } = answer;
    const words = await answerWords(answer);
    if (isFull({ status, answer: words })) throw refusalError({ host: this.#host.host, what, status, answer: words });
    return { status, headers };
  }

  /** Where an upload continues. A registry behind a proxy that ends TLS may not know that it is asked with TLS. */
  #next({ headers, url }: Pick<RemoteAnswer, 'headers' | 'url'>, what: string): string {
    const { location = '' } = headers;
    const refuse = (answer: string) => appError('push.refused', { host: this.#host.host, what, answer });
    const own = new URL(this.#host.access.origin);
    const next = location !== '' && URL.canParse(location, url) ? new URL(location, url) : undefined;
    if (next?.host === own.host) next.protocol = own.protocol;
    else if (next?.protocol !== 'https:') {
      const where = location.slice(0, 200) || 'no address';
      throw refuse(`it continues uploads at ${where}, which is another host without TLS`);
    }
    if (next.href.length > maxUrlChars)
      throw refuse(`it continues uploads at an address of ${next.href.length} characters; ${maxUrlChars} are the most`);
    return next.href;
  }

  async #refusal(answer: RemoteAnswer, what: string): Promise<Error> {
    const words = await answerWords(answer);
    return refusalError({ host: this.#host.host, what, status: answer.status, answer: words });
  }

  #url(path: string): string {
    return `${this.#host.access.origin}/v2/${path}`;
  }
}

/** Returns the number of bytes in a `Range` header; undefined without one. Of none and of one byte it is `0-0`: none is safe, the other is sent again. */
function endOf({ headers }: Answered): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(headers.range ?? '')?.[1];
  return last === undefined || last === '0' ? undefined : Number(last) + 1;
}
