import { expect, it } from 'vitest';
import { hasDesktop } from '../../../src/main/cli/open-page.ts';

it.each([
  ['linux', { DISPLAY: ':0' }, 1000, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, 1000, true],
  ['linux', {}, 1000, false],
  ['linux', { DISPLAY: ':0' }, 0, false],
  ['darwin', {}, 501, true],
  ['win32', {}, undefined, true],
  ['freebsd', { DISPLAY: ':0' }, 1000, false],
] as const)('%s %o as user %s: %s', (platform, env, uid, isThere) => {
  expect(hasDesktop(platform, env, uid)).toBe(isThere);
});
