import type { Pipe } from '../../shared/rpc/pipe.ts';
import { webSocketPipe } from './websocket-pipe.ts';

let token: string | undefined;

/**
 * Opens a pipe to the `sealift serve` that sent this page. First removes a token (`#token=…`, with `/` and a screen where one is to be
 * shown) from the address and exchanges it for the session cookie. Resolves to `signed-out` if the server accepts neither cookie nor token, and rejects if it does not answer.
 */
export async function openBrowserPipe(): Promise<Pipe | 'signed-out'> {
  takeToken();
  if (token !== undefined) {
    const { status } = await askSession('POST', JSON.stringify({ token }));
    // After too many tries (429), the same token may still be accepted later.
    if (status !== 429) token = undefined;
  }
  const url = new URL('/rpc', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  try {
    return await webSocketPipe(url.href);
  } catch (error) {
    const { status } = await askSession('GET');
    if (status === 401) return 'signed-out';
    throw error;
  }
}

/** Calls `arrived` when a sign-in link is opened in this page. */
export function onNewLink(arrived: () => void): void {
  addEventListener('hashchange', () => {
    if (takeToken()) arrived();
  });
}

function takeToken(): boolean {
  const [, given, screen] = /^#token=([\w-]+)(\/[a-z]+)?$/.exec(location.hash) ?? [];
  if (given === undefined) return false;
  token = given;
  history.replaceState(history.state, '', `${location.pathname}${location.search}${screen ? `#${screen}` : ''}`);
  return true;
}

function askSession(method: 'GET' | 'POST', body?: string): Promise<Response> {
  const isPost = body !== undefined;
  return fetch('/session', { method, ...(isPost && { body, headers: { 'content-type': 'application/json' } }) });
}
