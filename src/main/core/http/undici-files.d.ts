// undici has types for its main file only.
declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';
  export default function request(
    this: Dispatcher,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData>;
}

declare module 'undici/lib/core/util.js' {
  export function parseURL(url: string): URL;
}

declare module 'undici/lib/dispatcher/agent.js' {
  export { Agent as default } from 'undici';
}

declare module 'undici/lib/dispatcher/env-http-proxy-agent.js' {
  export { EnvHttpProxyAgent as default } from 'undici';
}

declare module 'undici/lib/global.js' {
  export { getGlobalDispatcher } from 'undici';
}

declare module 'undici/lib/handler/decorator-handler.js' {
  export { DecoratorHandler as default } from 'undici';
}
