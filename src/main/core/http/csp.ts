/**
 * Returns the content security policy of the page, the same in a browser and in the window: only content from the page's own origin, no
 * inline or evaluated code. `nonce` allows style elements that have it. `socket` (`ws://host:port`) must be listed because not every
 * browser treats it as the page's own origin.
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

/** Returns the security headers for every response with a part of the page, in a browser and in the window. They forbid caching. */
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
