import { randomBytes } from 'node:crypto';
import type { CustomScheme, Protocol } from 'electron';
import { pageHeaders } from '../core/http/csp.ts';
import { indexPage, type PageFiles } from '../core/http/page-files.ts';
import { pageAddress, pageScheme } from './page-address.ts';

/** Registers the page's scheme as standard and secure, like https, and nothing more: no fetch, no service worker, no bypass of the policy. */
export const schemes: CustomScheme[] = [{ scheme: pageScheme, privileges: { standard: true, secure: true } }];

/** Answers every request with the page's scheme. */
export function servePage(protocol: Protocol, page: PageFiles): void {
  protocol.handle(pageScheme, ({ method, url }) => answerRequest(page, method, url));
}

/** Returns the response to one request, with the same headers as the server for browsers. Raw paths are looked up and never used as file paths. */
export function answerRequest(page: PageFiles, method: string, url: string): Response {
  if (!url.startsWith(pageAddress)) return refusal(403);
  if (method !== 'GET') return refusal(405);
  const path = url.slice(pageAddress.length - 1).split(/[?#]/, 1)[0] ?? '';
  if (path === '/' || path === '/index.html') {
    const nonce = randomBytes(16).toString('base64');
    return new Response(indexPage(page, nonce), {
      headers: { ...pageHeaders({ nonce }), 'content-type': 'text/html; charset=utf-8' },
    });
  }
  const file = page.get(path);
  if (!file) return refusal(404);
  return new Response(new Uint8Array(file.body), { headers: { ...pageHeaders(), 'content-type': file.contentType } });
}

function refusal(status: number): Response {
  return new Response(null, { status, headers: pageHeaders() });
}
