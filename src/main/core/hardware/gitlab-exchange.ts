import { X509Certificate } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { nameProblem, pythonTls } from '../http/python-tls.ts';
import { simulatedHeader } from '../http/simulated-header.ts';
import { firstShownLine } from '../processes/shown-line.ts';

const maxAnswerBytes = 64 * 1024;

/** How one request is sent. */
export interface Terms {
  /** The trusted authorities, as PEM. */
  ca: string | undefined;
  timeoutMs: number;
  token?: string;
  /** Sent by POST, as JSON. */
  body?: string;
}

/** An answer with any status, or why there is none. */
export type Exchange =
  | {
      kind: 'answer';
      status: number;
      text: string;
      date: string | undefined;
      location: string | undefined;
      /** True when a stand-in answered. */
      isSimulated: boolean;
      sentAt: number;
      answeredAt: number;
      /** Its own first, up to the root where that is known; empty for http. */
      chain: X509Certificate[];
      /** OpenSSL's code for why the certificate is not trusted; null when it is, and for http. */
      problem: string | null;
      /** Why the certificate is not valid for this host; null when it is, and for http. */
      nameProblem: string | null;
    }
  | { kind: 'failed'; problem: string };

/** Sends one request, without following redirects. With a token, only a trusted connection is made. */
export function exchange(url: URL, { ca, timeoutMs, token, body }: Terms): Promise<Exchange> {
  return new Promise((resolve) => {
    const failed = (error: Error) => resolve({ kind: 'failed', problem: firstShownLine(error.message) || error.name });
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
      // The certificate is judged by the caller.
      rejectUnauthorized: token !== undefined,
      ...pythonTls,
      ...(ca !== undefined && { ca }),
    });
    asked.once('error', failed);
    asked.once('response', (response) => {
      const answeredAt = Date.now();
      const seen =
        url.protocol === 'https:' ? certificateOf(response.socket as TLSSocket, url.hostname) : noCertificate;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > maxAnswerBytes) response.destroy(new Error('the response is too long'));
      });
      response.once('error', failed);
      response.once('end', () => {
        const { date, location } = response.headers;
        const status = response.statusCode ?? 0;
        const isSimulated = response.headers[simulatedHeader] !== undefined;
        resolve({ kind: 'answer', status, text, date, location, isSimulated, sentAt, answeredAt, ...seen });
      });
    });
    asked.end(body);
  });
}

const noCertificate = { chain: [], problem: null, nameProblem: null };

function certificateOf(socket: TLSSocket, host: string) {
  const chain: X509Certificate[] = [];
  const sent: DetailedPeerCertificate[] = [];
  // A root is its own issuer; a broken chain ends without one.
  for (
    let one = socket.getPeerCertificate(true);
    one?.raw && !sent.includes(one) && sent.length < 10;
    one = one.issuerCertificate
  ) {
    sent.push(one);
    chain.push(new X509Certificate(one.raw));
  }
  return {
    chain,
    problem: socket.authorized ? null : firstShownLine(String(socket.authorizationError)),
    nameProblem: (chain[0] && nameProblem(host, chain[0])) ?? null,
  };
}
