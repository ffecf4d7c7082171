import { rootCertificates } from 'node:tls';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { type GitlabFacts, licence } from '../../../shared/gitlab-facts.ts';
import { givenToken, type TokenSource } from '../files/given-token.ts';
import { readNamed } from '../files/read-bounded.ts';
import { gitlabBase } from '../http/gitlab-url.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import { tlsFacts } from './gitlab-certificate.ts';
import { exchange, type Terms } from './gitlab-exchange.ts';
import { machineCertificates } from './machine-certificates.ts';

/** Which GitLab to examine, with the certificates and the token to use. */
export interface GitlabAsk extends TokenSource {
  url: string;
  caFile?: string | undefined;
}

const maxFileBytes = 1024 * 1024;

/**
 * Examines one GitLab: whether it is one, its certificate as the AI Gateway's Python judges it, its clock, and with a token its version
 * and licence. Connects to that address alone, follows no redirect, uses no proxy; the token is sent only to a GitLab whose certificate is
 * trusted (or to http, where there is none). Throws `input.invalid` for a malformed address, file errors for unreadable files, and
 * what `givenToken` throws.
 */
export async function lookAtGitlab(ask: GitlabAsk, timeoutMs: number): Promise<GitlabFacts> {
  const url = baseUrl(ask.url);
  const given = ask.caFile === undefined ? undefined : await readText(ask.caFile, 'The certificate file');
  const token = await givenToken(ask);
  const { answer, tried, ca } = await firstTrusted(`${url}/-/health`, given, timeoutMs);
  const bare = { url, clockAheadSeconds: null, version: null };
  if (answer.kind === 'failed') return { ...bare, isReachable: false, why: answer.problem, tls: null };
  const isTrusted = answer.problem === null;
  const redirect = answer.status >= 300 && answer.status < 400 ? answer.location : undefined;
  const own = redirect === undefined ? await ownUrl(url, { ca, timeoutMs }) : undefined;
  const isHealthy = answer.status === 200 && answer.text.trim().startsWith('GitLab OK');
  const isGitlab = isHealthy || own !== undefined;
  return {
    ...bare,
    isReachable: true,
    why: null,
    tls: url.startsWith('https:') ? tlsFacts(answer, tried) : null,
    clockAheadSeconds: clockAhead(answer),
    healthStatus: answer.status,
    ...(answer.isSimulated && { simulated: true }),
    ...(redirect !== undefined && { redirectsTo: targetOf(redirect, url) }),
    ...(own !== undefined && { ownUrl: own }),
    // What answers every path in JSON also has a version, and must not get the token.
    ...(token === undefined || !isGitlab ? {} : await told(url, { ca, timeoutMs, ...(isTrusted && { token }) })),
    isGitlab,
  };
}

/** Asks with the public authorities, then with this machine's, then with the given ones, until the certificate is trusted. */
async function firstTrusted(url: string, given: string | undefined, timeoutMs: number) {
  const machine = await machineCertificates();
  let ca = rootCertificates.join('\n');
  let tried: 'public' | 'machine' | 'given' = 'public';
  let answer = await exchange(new URL(url), { ca, timeoutMs });
  for (const [name, more] of [['machine', machine] as const, ['given', given] as const]) {
    if (more === undefined || answer.kind === 'failed' || answer.problem === null) continue;
    [tried, ca] = [name, more];
    answer = await exchange(new URL(url), { ca, timeoutMs });
  }
  return { answer, tried, ca };
}

function targetOf(location: string, from: string): string {
  return firstShownLine(URL.canParse(location, from) ? new URL(location, from).href : location);
}

const openidAnswer = z.object({ jwks_uri: z.url({ protocol: /^https?$/ }).max(400) });
const keysPath = '/oauth/discovery/keys';

/** Returns where GitLab's OpenID configuration places GitLab; undefined for other servers. The gateway reads the same document. */
async function ownUrl(url: string, terms: Terms): Promise<string | undefined> {
  const found = await asked(`${url}/.well-known/openid-configuration`, terms, openidAnswer);
  if (!('value' in found) || !found.value.jwks_uri.endsWith(keysPath)) return undefined;
  return gitlabBase(found.value.jwks_uri.slice(0, -keysPath.length));
}

/** Returns the seconds that the server's `Date` is ahead of the middle of the exchange. Adds half a second, because `Date` is cut to whole ones. */
export function clockAhead(answer: { date: string | undefined; sentAt: number; answeredAt: number }): number | null {
  const date = Date.parse(answer.date ?? '');
  if (Number.isNaN(date)) return null;
  return Math.round((date + 500 - (answer.sentAt + answer.answeredAt) / 2) / 100) / 10;
}

const versionAnswer = z.object({ version: z.string().regex(/^[\w.+-]{1,50}$/) });
const licenceAnswer = z.object({ data: z.object({ currentLicense: licence.nullable() }) });
/* Fields of GitLab's GraphQL reference; name, e-mail and company are left alone. */
const licenceQuestion = JSON.stringify({ query: '{ currentLicense { type plan expiresAt } }' });

/** Returns the facts that need a token. A token missing from the terms was held back, because the server is not trusted. */
async function told(url: string, terms: Terms) {
  if (terms.token === undefined) {
    const why = 'the token was not sent because the certificate is not trusted';
    return { version: null, versionWhy: why, licence: null, licenceWhy: why };
  }
  const version = await asked(`${url}/api/v4/version`, terms, versionAnswer);
  const current = await asked(`${url}/api/graphql`, { ...terms, body: licenceQuestion }, licenceAnswer);
  const isHidden = 'value' in current && current.value.data.currentLicense === null;
  return {
    version: 'value' in version ? version.value.version : null,
    versionWhy: 'why' in version ? version.why : null,
    licence: 'value' in current ? current.value.data.currentLicense : null,
    licenceWhy: isHidden
      ? 'there is none, or the token does not belong to an administrator'
      : 'why' in current
        ? current.why
        : null,
  };
}

async function asked<T>(address: string, terms: Terms, schema: z.ZodType<T>): Promise<{ value: T } | { why: string }> {
  const url = new URL(address);
  const answer = await exchange(url, terms);
  if (answer.kind === 'failed') return { why: answer.problem };
  if (answer.status === 401 || answer.status === 403) return { why: `the token was refused (${answer.status})` };
  if (answer.status !== 200) return { why: `${url.pathname} returned ${answer.status}` };
  try {
    return { value: schema.parse(JSON.parse(answer.text)) };
  } catch {
    return { why: `the response of ${url.pathname} is not GitLab's` };
  }
}

function baseUrl(text: string): string {
  const url = gitlabBase(text);
  if (url === undefined)
    throw appError('input.invalid', {
      what: "GitLab's address",
      issues: ['use https://HOST or https://HOST:PORT/PATH, without a user name, password or page'],
    });
  return url;
}

async function readText(path: string, what: string): Promise<string> {
  return (await readNamed(path, maxFileBytes, what)).toString('utf8');
}
