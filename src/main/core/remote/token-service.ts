import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { type Challenge, isOwnRealm } from './challenge.ts';
import { loginText, type RemoteAccess } from './remote-access.ts';

/** Sends one request, patiently and without following redirects; a longer answer than 1 MiB counts as empty. */
export type Exchange = (ask: {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
}) => Promise<{ status: number; headers: Record<string, string>; text: string }>;

const tokenAnswer = z.object({ token: z.string().optional(), access_token: z.string().optional() });
const sendable = /^[\x21-\x7e]{1,16384}$/;

/**
 * Returns the `Authorization` that answers a challenge of the host, or undefined where there is nothing to answer with. A login goes to the
 * host itself or, over TLS, to a token service that belongs to it or that the person named. Throws `remote.foreign-realm`,
 * `remote.unauthorised`, `remote.odd-answer`, and what `exchange` throws.
 */
export async function authorisation(
  challenge: Challenge,
  { access, what, exchange }: { access: RemoteAccess; what: string; exchange: Exchange },
): Promise<string | undefined> {
  const { login } = access;
  if (challenge.scheme === 'basic') return login && passwordHeader(login);
  const { host } = new URL(access.origin);
  const realm = URL.canParse(challenge.realm) ? new URL(challenge.realm) : undefined;
  if (realm?.protocol !== 'https:' || realm.username || realm.password) {
    throw appError('remote.odd-answer', { host, what, problem: 'the address of its token service is not https' });
  }
  if (login && !isOwnRealm(host, realm.host) && !access.tokenHosts.includes(realm.host)) {
    throw appError('remote.foreign-realm', { host, realm: realm.host });
  }
  const { status, text } = await exchange(tokenAsk(challenge, realm, access));
  if (status === 401 || status === 403 || status === 400) {
    const answer = `HTTP ${status} from its token service at ${realm.host}`;
    const { name, way } = access;
    throw appError('remote.unauthorised', { host, what, login: loginText(login), answer, name, way });
  }
  const token = tokenIn(text);
  if (status === 200 && token !== undefined && sendable.test(token)) return `Bearer ${token}`;
  const problem = `its token service at ${realm.host} answered HTTP ${status} without a token`;
  throw appError('remote.odd-answer', { host, what, problem });
}

function tokenAsk(
  { service, scope }: { service?: string; scope?: string },
  realm: URL,
  { login }: RemoteAccess,
): Parameters<Exchange>[0] {
  const asked = { ...(service && { service }), ...(scope && { scope }) };
  if (login?.kind === 'identity') {
    const form = { grant_type: 'refresh_token', client_id: 'sealift', refresh_token: login.token, ...asked };
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', url: realm.href, headers, body: new URLSearchParams(form).toString() };
  }
  for (const [name, value] of Object.entries(asked)) realm.searchParams.set(name, value);
  const header = login && passwordHeader(login);
  return { method: 'GET', url: realm.href, headers: header ? { authorization: header } : {} };
}

function passwordHeader(login: NonNullable<RemoteAccess['login']>): string | undefined {
  if (login.kind === 'password')
    return `Basic ${Buffer.from(`${login.user}:${login.password}`, 'utf8').toString('base64')}`;
  return login.kind === 'bearer' ? `Bearer ${login.token}` : undefined;
}

function tokenIn(text: string): string | undefined {
  try {
    const { token, access_token } = tokenAnswer.parse(JSON.parse(text));
    return token ?? access_token;
  } catch {
    return undefined;
  }
}
