import { describe, expect, it } from 'vitest';
import { csp, pageHeaders } from '../../../src/main/core/http/csp.ts';

/** A policy as browsers read it: the first of two directives of one name counts. */
function parsed(policy: string): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const directive of policy.split(';')) {
    const [name = '', ...sources] = directive.trim().split(/\s+/);
    if (map.has(name)) throw new Error(`${name} stands twice`);
    map.set(name, sources);
  }
  return map;
}

describe('the policy of the page', () => {
  it('allows what the page itself serves, and nothing else', () => {
    expect(Object.fromEntries(parsed(csp({ nonce: 'abc', socket: 'ws://127.0.0.1:1' })))).toEqual({
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'", "'nonce-abc'"],
      'img-src': ["'self'", 'data:'],
      'font-src': ["'self'"],
      'connect-src': ["'self'", 'ws://127.0.0.1:1'],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'object-src': ["'none'"],
      'frame-ancestors': ["'none'"],
      'worker-src': ["'none'"],
    });
  });

  it.each([csp(), csp({ nonce: 'abc' }), csp({ nonce: 'a+/=', socket: 'wss://gpu.example' })])(
    'opens no door for scripts: %s',
    (policy) => {
      expect(policy).not.toMatch(/unsafe|\*|https?:|blob:|filesystem:|strict-dynamic/);
      expect(parsed(policy).get('script-src')).toEqual(["'self'"]);
    },
  );

  it('goes with the other headers, on answers without a nonce too', () => {
    expect(pageHeaders()).toEqual({
      'content-security-policy': csp(),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
  });
});
