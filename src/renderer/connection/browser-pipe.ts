import type { Pipe } from '../../shared/rpc/pipe.ts';
import { webSocketPipe } from './websocket-pipe.ts';

let token: string | undefined;

/**
 * Opens a pipe to the `sealift serve` that sent this page. A token in the address (`#token=…`) is removed from it at once and traded for
 * the cookie first. Gives `signed-out` when the server answers but knows neither cookie nor token; rejects when it does not answer.
 */
export async function openBrowserPipe(): Promise<Pipe | 'signed-out'> {
  takeToken();
  if (token !== undefined) {
    const { status } = await askSession('POST', JSON.stringify({ token }));
    // Too many tries (429): the same token may be right later.
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

/** Calls back when a sign-in link is opened in a page that is open already. */
export function onNewLink(arrived: () => void): void {
  addEventListener('hashchange', () => {
    if (takeToken()) arrived();
  });
}

function takeToken(): boolean {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (given === undefined) return false;
  token = given;
  history.replaceState(history.state, '', location.pathname + location.search);
  return true;
}

function askSession(method: 'GET' | 'POST', body?: string): Promise<Response> {
  const isPost = body !== undefined;
  return fetch('/session', { method, ...(isPost && { body, headers: { 'content-type': 'application/json' } }) });
}
