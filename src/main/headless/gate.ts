import type { IncomingMessage } from 'node:http';
import { isOwnHost, ownHosts } from './own-host.ts';

/** Decides which requests are allowed. Each check returns the status of the refusal, or undefined if the request may proceed. */
export interface Gate {
  /** For plain requests: our host name, and either GET or a sign-in from our own page. */
  refusesRequest(request: IncomingMessage): number | undefined;
  /** For the WebSocket: our host name, from our own page, signed in. */
  refusesSocket(request: IncomingMessage): number | undefined;
}

/** What the gate knows about the server. */
export interface GateOptions {
  host: string;
  allowedHosts: string[];
  isTls: boolean;
  isSignedIn(cookie: string | undefined): boolean;
}

/** Returns the checks that keep strangers out: foreign names bound to this address, pages of other origins, browsers without the cookie. */
export function newGate({ host, allowedHosts, isTls, isSignedIn }: GateOptions): Gate {
  const hosts = ownHosts(host, allowedHosts);
  const isOurs = ({ headersDistinct: { host: named = [] } }: IncomingMessage) =>
    named.length === 1 && isOwnHost(hosts, String(named[0]));
  const isOwnPage = ({ headers, headersDistinct }: IncomingMessage) =>
    headersDistinct.origin?.length === 1 && headers.origin === `${isTls ? 'https' : 'http'}://${headers.host}`;
  return {
    refusesRequest: (request) => {
      if (!isOurs(request)) return 421;
      if (request.method === 'GET') return undefined;
      if (request.method !== 'POST' || request.url !== '/session') return 405;
      return isOwnPage(request) ? undefined : 403;
    },
    refusesSocket: (request) => {
      if (!isOurs(request)) return 421;
      if (request.url !== '/rpc') return 404;
      if (!isOwnPage(request)) return 403;
      return isSignedIn(request.headers.cookie) ? undefined : 401;
    },
  };
}
