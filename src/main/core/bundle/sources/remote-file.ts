import { posix } from 'node:path';
import { contentPathProblem } from '../../../../shared/content-path.ts';
import { digestOf } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { UrlSpec } from '../../../../shared/fetched-files.ts';
import type { RemoteAccess, RemoteRange } from '../../remote/remote-access.ts';
import { shortUrl } from '../../remote/remote-bytes.ts';
import { drop } from '../../remote/remote-host.ts';
import type { BlobSource, Pin } from './content-source.ts';
import type { RemoteSources } from './remote-sources.ts';

/** A file at an address, with its digest as the person, or whoever publishes it, stated it. */
export interface RemoteFile {
  name: string;
  blob: BlobSource & { digest: string; range: RemoteRange };
  /** For the lock file, if its name there can stand for other bytes later. */
  pin?: Pin;
}

/** Finds out the size of a file at an address; its bytes are fetched while packing. Throws `remote.*`, `pack.unfit-name`. */
export async function openUrl(
  { url: stated, sha256, name }: UrlSpec,
  remote: RemoteSources,
): Promise<RemoteFile & { blob: { access: RemoteAccess } }> {
  const url = mirrored(stated, remote.mirrors);
  const fileName = nameAt(url, name);
  const { origin, host } = new URL(url);
  const what = shortUrl(url);
  const { hosts, ca } = remote;
  remote.say(`Asking ${host} for ${what}`);
  const access = { name: host, origin, ...(ca && { ca }), way: 'none' as const, tokenHosts: [] };
  // Not HEAD: an address that is signed for GET refuses it.
  const headers = { range: 'bytes=0-0', 'accept-encoding': 'identity' };
  const answer = await hosts.at(access).ask({ url, headers, what, watch: remote });
  await drop(answer);
  if (answer.status === 404) throw appError('remote.absent', { host, what, near: [] });
  const { 'content-range': range = '', 'content-length': length = '' } = answer.headers;
  const size = answer.status === 206 ? /\/(\d+)$/.exec(range)?.[1] : answer.status === 200 ? length : undefined;
  if (!size) {
    const problem = answer.status < 300 ? 'it does not say how many bytes it has' : `HTTP ${answer.status}`;
    throw appError('remote.odd-answer', { host, what, problem });
  }
  const digest = digestOf(sha256);
  return { name: fileName, blob: { key: digest, digest, range: { url, sizeBytes: Number(size) }, access } };
}

/** Returns the address at the mirror of its host, if it has one. The digest is checked, so any mirror will do. */
function mirrored(url: string, mirrors: RemoteSources['mirrors']): string {
  const { host, pathname, search } = new URL(url);
  const mirror = mirrors[host];
  return mirror === undefined ? url : `https://${mirror}${pathname}${search}`;
}

/** Returns the name of the file at an address: the wanted one, or the end of its path. Throws `pack.unfit-name`. */
export function nameAt(url: string, wanted = decodedName(url)): string {
  const reason = contentPathProblem(wanted);
  if (reason) throw appError('pack.unfit-name', { path: wanted, reason });
  return wanted;
}

function decodedName(url: string): string {
  const base = posix.basename(new URL(url).pathname);
  try {
    return decodeURIComponent(base);
  } catch {
    return base;
  }
}
