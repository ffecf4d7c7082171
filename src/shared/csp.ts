/**
 * The content security policy of the page, the same in a browser and in the window: nothing but what the page's own origin serves, no
 * inline or evaluated code. `nonce` admits the style elements that carry it; `socket` (`ws://host:port`) is named because not every
 * browser takes it for the page's own origin.
 */
export function csp(options: { nonce?: string; socket?: string } = {}): string {
  const directives: [string, ...string[]][] = [
    ['default-src', "'none'"],
    ['script-src', "'self'"],
    ['style-src', "'self'", ...(options.nonce ? [`'nonce-${options.nonce}'`] : [])],
    ['img-src', "'self'", 'data:'],
    ['font-src', "'self'"],
    ['connect-src', "'self'", ...(options.socket ? [options.socket] : [])],
    ['base-uri', "'none'"],
    ['form-action', "'none'"],
    ['object-src', "'none'"],
    ['frame-ancestors', "'none'"],
    ['worker-src', "'none'"],
  ];
  return directives.map((words) => words.join(' ')).join('; ');
}

/** The security headers of every answer that carries a part of the page, in a browser and in the window. Nothing is kept in a cache. */
export function pageHeaders(options: Parameters<typeof csp>[0] = {}): Record<string, string> {
  return {
    'content-security-policy': csp(options),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
