import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { type GitlabFacts, licence } from '../../../shared/gitlab-facts.ts';
import { givenToken, type TokenSource } from '../files/given-token.ts';
import { readNamed } from '../files/read-bounded.ts';
import { oneLine } from './collected.ts';
import { machineCertificates } from './machine-certificates.ts';

/** Which GitLab, and what may be used to trust it and to be told its version. */
export interface GitlabAsk extends TokenSource {
  url: string;
  caFile?: string | undefined;
}

const maxAnswerBytes = 64 * 1024;
const maxFileBytes = 1024 * 1024;

/**
 * Looks at one GitLab: whether it answers, its certificates, its clock, and with a token its version and licence. Connects to that address alone,
 * follows no redirect, uses no proxy; the token is sent only where the certificate is trusted (or to http, where there is none).
 * Throws `input.invalid` for an address that is none, rows for files that cannot be read, and as `givenToken`.
 */
export async function lookAtGitlab(ask: GitlabAsk, timeoutMs: number): Promise<GitlabFacts> {
  const url = baseUrl(ask.url);
  const given = ask.caFile === undefined ? undefined : await readText(ask.caFile, 'The file of certificates');
  const token = await givenToken(ask);
  const machine = await machineCertificates();
  const health = new URL(`${url.href}-/health`);
  let ca = machine;
  let answer = await exchange(health, { ca, timeoutMs });
  const machineWhy = answer.problem;
  if (answer.kind === 'answer' && answer.problem !== null && given !== undefined) {
    ca = given;
    answer = await exchange(health, { ca, timeoutMs });
  }
  const bare = { url: url.href.replace(/\/$/, ''), clockAheadSeconds: null, version: null };
  if (answer.kind === 'failed') return { ...bare, isReachable: false, why: answer.problem, tls: null };
  const isTrusted = answer.problem === null && (url.protocol === 'http:' || ca !== undefined);
  const trustedBy = !isTrusted ? null : machineWhy === null ? ('machine' as const) : ('given' as const);
  const why = isTrusted ? null : (answer.problem ?? 'the certificates that this system trusts were not found');
  return {
    ...bare,
    isReachable: true,
    why: null,
    tls: url.protocol === 'https:' ? { chain: chainOf(answer.certificate), trustedBy, why } : null,
    clockAheadSeconds: clockAhead(answer),
    healthStatus: answer.status,
    ...(token === undefined ? { version: null } : await told(url, { ca, timeoutMs, ...(isTrusted && { token }) })),
  };
}

/** Seconds that the server's `Date` is ahead of the middle of the exchange; a date is cut to whole seconds, so half of one is added. */
export function clockAhead(answer: { date: string | undefined; sentAt: number; answeredAt: number }): number | null {
  const date = Date.parse(answer.date ?? '');
  if (Number.isNaN(date)) return null;
  return Math.round((date + 500 - (answer.sentAt + answer.answeredAt) / 2) / 100) / 10;
}

type Answer =
  | {
      kind: 'answer';
      status: number;
      text: string;
      date: string | undefined;
      sentAt: number;
      answeredAt: number;
      certificate: DetailedPeerCertificate | undefined;
      /** Why the certificate is not trusted; null when it is, and for http. */
      problem: string | null;
    }
  | { kind: 'failed'; problem: string };

interface Terms {
  ca: string | undefined;
  timeoutMs: number;
  token?: string;
  /** Sent by POST, as JSON. */
  body?: string;
}

function exchange(url: URL, { ca, timeoutMs, token, body }: Terms): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ kind: 'failed', problem: oneLine(error.message) || error.name });
    const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
    const sentAt = Date.now();
    const asked = request(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(timeoutMs),
      agent: false,
      // Looked at and judged here; with a token only a trusted connection is made at all.
      rejectUnauthorized: token !== undefined,
      ...(ca !== undefined && { ca }),
    });
    asked.once('error', failed);
    asked.once('response', (response) => {
      const answeredAt = Date.now();
      const socket = response.socket as TLSSocket;
      const isTls = url.protocol === 'https:';
      const seen = {
        certificate: isTls ? socket.getPeerCertificate(true) : undefined,
        problem: isTls && !socket.authorized ? oneLine(String(socket.authorizationError)) : null,
      };
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > maxAnswerBytes) response.destroy(new Error('the answer is too long'));
      });
      response.once('error', failed);
      response.once('end', () => {
        const { date } = response.headers;
        resolve({ kind: 'answer', status: response.statusCode ?? 0, text, date, sentAt, answeredAt, ...seen });
      });
    });
    asked.end(body);
  });
}

const versionAnswer = z.object({ version: z.string().regex(/^[\w.+-]{1,50}$/) });
const licenceAnswer = z.object({ data: z.object({ currentLicense: licence.nullable() }) });
/* Fields of GitLab's GraphQL reference; name, e-mail and company are left alone. */
const licenceQuestion = JSON.stringify({ query: '{ currentLicense { type plan expiresAt } }' });

/** What only a token tells. Without one in the terms it was held back, since nobody vouches for the server. */
async function told(url: URL, terms: Terms) {
  if (terms.token === undefined) {
    const why = 'the token was not sent, since the certificate is not trusted';
    return { version: null, versionWhy: why, licence: null, licenceWhy: why };
  }
  const version = await asked(new URL(`${url.href}api/v4/version`), terms, versionAnswer);
  const current = await asked(new URL(`${url.href}api/graphql`), { ...terms, body: licenceQuestion }, licenceAnswer);
  const isHidden = 'value' in current && current.value.data.currentLicense === null;
  return {
    version: 'value' in version ? version.value.version : null,
    versionWhy: 'why' in version ? version.why : null,
    licence: 'value' in current ? current.value.data.currentLicense : null,
    licenceWhy: isHidden
      ? 'there is none, or the token is not of an administrator'
      : 'why' in current
        ? current.why
        : null,
  };
}

async function asked<T>(url: URL, terms: Terms, schema: z.ZodType<T>): Promise<{ value: T } | { why: string }> {
  const answer = await exchange(url, terms);
  if (answer.kind === 'failed') return { why: answer.problem };
  if (answer.status === 401 || answer.status === 403) return { why: `the token was refused (${answer.status})` };
  if (answer.status !== 200) return { why: `${url.pathname} was answered with ${answer.status}` };
  try {
    return { value: schema.parse(JSON.parse(answer.text)) };
  } catch {
    return { why: `${url.pathname} was not answered as GitLab does` };
  }
}

function chainOf(leaf: DetailedPeerCertificate | undefined): NonNullable<GitlabFacts['tls']>['chain'] {
  const chain: DetailedPeerCertificate[] = [];
  // A root is its own issuer; a broken chain ends without one.
  for (let one = leaf; one?.subject && !chain.includes(one) && chain.length < 10; one = one.issuerCertificate)
    chain.push(one);
  return chain.map((one) => ({
    subject: nameOf(one.subject),
    issuer: nameOf(one.issuer),
    validFrom: isoOf(one.valid_from),
    validTo: isoOf(one.valid_to),
  }));
}

function nameOf(name: object | undefined): string {
  const parts = Object.entries(name ?? {}).map(([key, value]) => `${key}=${String(value)}`);
  return oneLine(parts.join(', '));
}

function isoOf(text: string): string | null {
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash)
    throw appError('input.invalid', {
      what: "GitLab's address",
      issues: ['write it as https://HOST or https://HOST:PORT/PATH, without a name or a password in it'],
    });
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

async function readText(path: string, what: string): Promise<string> {
  return (await readNamed(path, maxFileBytes, what)).toString('utf8');
}
