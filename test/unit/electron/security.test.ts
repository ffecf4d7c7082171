import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { confineContents, confineSession } from '../../../src/main/electron/security.ts';
import { app, calls, FakeContents, forgetAll, handlers, isPrevented, session } from '../../fakes/electron.ts';

const own = ['app://sealift/', 'app://sealift/#/probe', 'app://sealift/#'];
const foreign = [
  'app://sealift',
  'app://sealift/assets/index.js',
  'app://sealift/index.html',
  'app://sealift.example/',
  'app://sealift:80/',
  'app://sealift@evil.example/',
  'app://x@sealift/',
  'app://x:y@sealift/',
  'app://evil/#app://sealift/',
  'app://SEALIFT/',
  'APP://sealift/',
  'app://ѕealift/',
  'app:///sealift/',
  'app:sealift/',
  'app://sealift/../',
  'app://sealift/%2e%2e/',
  'app://sealift/?x=1',
  'blob:app://sealift/1',
  'javascript:alert(1)',
  'data:text/html,<script>1</script>',
  'file:///etc/hosts',
  'about:blank',
  'view-source:app://sealift/',
  'http://127.0.0.1/',
  'https://gitlab.example/',
  'ws://127.0.0.1/',
  'mailto:a@b.example',
  'x-man-page://ls',
  'smb://host/share',
  '\\\\host\\share',
  '',
];

// All names that this version of Electron knows, from its own types.
const types = readFileSync('node_modules/electron/electron.d.ts', 'utf8');
const names = /setPermissionRequestHandler\(handler: \(\(webContents: WebContents, permission: ([^,]+),/.exec(
  types,
)?.[1];
const permissions = (names ?? '').split('|').map((name) => name.trim().slice(1, -1));

beforeEach(async () => {
  forgetAll();
  await confineSession(session.defaultSession as never);
});

describe('permissions', () => {
  it('knows the names that Electron knows', () => {
    expect(permissions.length).toBeGreaterThan(30);
    expect(permissions).toContain('clipboard-sanitized-write');
  });

  it.each(permissions)('grants %s to no one, except copying text by the page itself', (permission) => {
    const isCopy = permission === 'clipboard-sanitized-write';
    expect(asked(permission, { isMainFrame: true, requestingUrl: 'app://sealift/' })).toBe(isCopy);
    expect(asked(permission, { isMainFrame: false, requestingUrl: 'app://sealift/' })).toBe(false);
    for (const requestingUrl of foreign) expect(asked(permission, { isMainFrame: true, requestingUrl })).toBe(false);
    expect(checked(permission, 'app://sealift/', { isMainFrame: true })).toBe(isCopy);
    expect(checked(permission, 'app://sealift/', { isMainFrame: false })).toBe(false);
    for (const origin of foreign) expect(checked(permission, origin, { isMainFrame: true })).toBe(false);
  });

  it.each(['', 'constructor', '__proto__', 'toString'])('grants no permission of the name %j', (permission) => {
    expect(asked(permission, { isMainFrame: true, requestingUrl: 'app://sealift/' })).toBe(false);
    expect(checked(permission, 'app://sealift/', { isMainFrame: true })).toBe(false);
  });

  it('grants no device and no screen', () => {
    expect(call('session.setDevicePermissionHandler', {})).toBe(false);
    let streams: unknown = 'not answered';
    call('session.setDisplayMediaRequestHandler', {}, (given: unknown) => {
      streams = given;
    });
    expect(streams).toBe(null);
  });
});

describe('the network', () => {
  it.each([...own, 'app://sealift/assets/index.js', 'blob:app://sealift/1', 'data:image/png;base64,', 'data:,'])(
    'loads %j',
    (url) => {
      expect(isCancelled(url)).toBe(false);
    },
  );

  it.each([
    'http://127.0.0.1/',
    'https://redirector.example/',
    'ws://127.0.0.1/',
    'file:///etc/hosts',
    'app://evil/',
    'app://sealift@evil/',
    'blob:https://evil.example/1',
    'data:text/html,x',
    'devtools://devtools/x',
    'chrome://gpu',
  ])('does not load %j', (url) => {
    expect(isCancelled(url)).toBe(true);
  });

  it('asks no one for dictionaries or a proxy', () => {
    expect(calls).toContain('session.setSpellCheckerEnabled false');
    expect(calls).toContain('session.setSpellCheckerLanguages []');
    expect(calls).toContain('session.setProxy direct');
  });
});

describe('downloads', () => {
  const isRefused = (url: string) => isPrevented(session.defaultSession, 'will-download', {}, { getURL: () => url });

  it('lets the page save what it made', () => {
    expect(isRefused('blob:app://sealift/0b6f')).toBe(false);
  });

  it.each([...foreign.filter((url) => url !== 'blob:app://sealift/1'), ...own, 'blob:https://evil.example/1'])(
    'refuses %j',
    (url) => {
      expect(isRefused(url)).toBe(true);
    },
  );
});

describe('addresses', () => {
  const contents = () => {
    const made = new FakeContents();
    confineContents(app as never);
    app.emit('web-contents-created', {}, made);
    return made;
  };

  describe.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])('%s', (event) => {
    it.each(own)('stays within the page at %j', (url) => {
      expect(isPrevented(contents(), event, { url })).toBe(false);
    });
    it.each([...foreign, undefined, null, {}])('goes nowhere else: %j', (url) => {
      expect(isPrevented(contents(), event, { url })).toBe(true);
    });
  });

  it.each([...own, ...foreign])('opens no window for %j', (url) => {
    expect(contents().openHandler?.({ url })).toEqual({ action: 'deny' });
  });

  it('attaches no page within the page', () => {
    expect(isPrevented(contents(), 'will-attach-webview')).toBe(true);
  });
});

function call(name: string, ...args: unknown[]): unknown {
  return (handlers[name] as unknown as (...args: unknown[]) => unknown)(...args);
}

function asked(permission: string, details: object): boolean {
  let granted: boolean | undefined;
  call(
    'session.setPermissionRequestHandler',
    {},
    permission,
    (answer: boolean) => {
      granted = answer;
    },
    details,
  );
  if (granted === undefined) throw new Error('not answered');
  return granted;
}

function checked(permission: string, origin: string, details: object): unknown {
  return call('session.setPermissionCheckHandler', null, permission, origin, details);
}

function isCancelled(url: string): boolean {
  let cancelled: boolean | undefined;
  call('session.webRequest.onBeforeRequest', { url }, ({ cancel }: { cancel: boolean }) => {
    cancelled = cancel;
  });
  if (cancelled === undefined) throw new Error('not answered');
  return cancelled;
}
