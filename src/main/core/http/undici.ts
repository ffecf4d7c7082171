// Found this way also where only this file is imported, as by tests.
/// <reference path="./undici-files.d.ts" />
import type { Dispatcher } from 'undici';
import apiRequest from 'undici/lib/api/api-request.js';
import { parseURL } from 'undici/lib/core/util.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';
import { getGlobalDispatcher } from 'undici/lib/global.js';
import DecoratorHandler from 'undici/lib/handler/decorator-handler.js';

// The rest of undici (fetch, WebSocket, caches, mocks) takes longer to load than these, and each process that sends a request would load it.
export { Agent, DecoratorHandler, EnvHttpProxyAgent };

/** What a request may say besides its URL. */
export type RequestOptions = { dispatcher?: Dispatcher } & Partial<Omit<Dispatcher.RequestOptions, 'origin' | 'path'>>;

/** Sends a request, as undici's `request` does. */
export async function request(
  url: string,
  { dispatcher = getGlobalDispatcher(), method = 'GET', ...more }: RequestOptions,
): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = parseURL(url);
  return apiRequest.call(dispatcher, { ...more, method, origin, path: `${pathname}${search}` });
}
