import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SignIn } from '../../../src/main/headless/sign-in.ts';
import { longScript, PageScene } from '../../scenes/page-scene.ts';

let folder = '';
let file = '';
let now = new Date('2026-01-01T00:00:00Z');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-sign-in-'));
  file = join(folder, 'serve', '8080.sessions');
  now = new Date('2026-01-01T00:00:00Z');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => SignIn.open(file, () => now);
const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};
async function cookieOf(signIn: SignIn): Promise<string> {
  const traded = await signIn.trade(signIn.token, 'a');
  if (typeof traded === 'string') throw new Error(traded);
  return traded.cookie;
}

describe('signing in', () => {
  it('trades the token for a secret that is not the token, each time another', async () => {
    const signIn = await open();
    expect(Buffer.from(signIn.token, 'base64url')).toHaveLength(32);
    const [one, two] = [await cookieOf(signIn), await cookieOf(signIn)];
    expect(one).toMatch(/^sealift-[0-9a-f]{8}=[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(one).not.toContain(signIn.token);
    expect([signIn.isSignedIn(one), signIn.isSignedIn(two)]).toEqual([true, true]);
    expect((await open()).token).not.toBe(signIn.token);
  });

  it('keeps no secret on disk, and the file to its owner', async () => {
    const signIn = await open();
    const cookie = await cookieOf(signIn);
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(cookie.split('=')[1]);
    expect(text).not.toContain(signIn.token);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'serve'))).mode & 0o777).toBe(0o700);
  });

  it('is remembered over a restart for a week, and not longer', async () => {
    const cookie = await cookieOf(await open());
    later(6 * 24 * 3600 * 1000);
    expect((await open()).isSignedIn(cookie)).toBe(true);
    later(24 * 3600 * 1000);
    expect((await open()).isSignedIn(cookie)).toBe(false);
  });

  it('is not remembered without a file', async () => {
    const cookie = await cookieOf(await SignIn.open(undefined, () => now));
    expect((await SignIn.open(undefined, () => now)).isSignedIn(cookie)).toBe(false);
  });

  it.each(['', 'null', '{"cookie":"x","sessions":[]}', '{"cookie":"sealift-00000000","sessions":[{"sha256":"x"}]}'])(
    'starts over when the file holds %j',
    async (text) => {
      await mkdir(join(folder, 'serve'));
      await writeFile(file, text);
      const signIn = await open();
      const cookie = await cookieOf(signIn);
      expect((await open()).isSignedIn(cookie)).toBe(true);
    },
  );

  it('works where nothing can be written, until the process ends', async () => {
    await writeFile(join(folder, 'serve'), 'a file in the way');
    const signIn = await open();
    expect(signIn.isSignedIn(await cookieOf(signIn))).toBe(true);
  });

  it('keeps the newest twenty', async () => {
    const signIn = await open();
    const cookies: string[] = [];
    for (let n = 0; n < 25; n += 1) cookies.push(await cookieOf(signIn));
    expect(cookies.map((cookie) => signIn.isSignedIn(cookie))).toEqual(cookies.map((_cookie, n) => n >= 5));
  });

  it('makes an address that guesses wait a minute, but never keeps the right token out', async () => {
    const signIn = await open();
    for (let n = 0; n < 10; n += 1) expect(await signIn.trade('x'.repeat(43), 'a')).toBe('wrong');
    expect(await signIn.trade('x'.repeat(43), 'a')).toBe('too-many');
    expect(await signIn.trade('x'.repeat(43), 'b')).toBe('wrong');
    expect(await signIn.trade(signIn.token, 'a')).toHaveProperty('cookie');
    later(60_000);
    expect(await signIn.trade('x'.repeat(43), 'a')).toBe('wrong');
  });
});

describe('signing in over HTTP', () => {
  let scene: PageScene;
  beforeEach(async () => {
    scene = await PageScene.open(() => undefined);
  });
  afterEach(() => scene.close());

  it('sets a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await scene.postToken(scene.signIn.token);
    expect([answer.status, answer.body]).toEqual([204, '']);
    const [cookie = '', ...flags] = (answer.headers['set-cookie']?.[0] ?? '').split('; ');
    expect(flags.sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict']);
    expect((await scene.ask('/session', { headers: { cookie } })).status).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  it.each([
    ['a wrong token', '{"token":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}', 401],
    ['an empty token', '{"token":""}', 401],
    ['the right token and then a wrong one', '{"token":"TOKEN","token":"x"}', 401],
    ['two tokens', '{"token":["TOKEN","TOKEN"]}', 400],
    ['one thing more', '{"token":"TOKEN","admin":true}', 400],
    ['a number', '{"token":1}', 400],
    ['prototype members', '{"token":"TOKEN","__proto__":{"x":1}}', 400],
    ['no object', '"TOKEN"', 400],
    ['nothing', '', 400],
    ['no JSON', 'token=TOKEN', 400],
    ['megabytes', `{"token":"${'x'.repeat(2_000_000)}"}`, 413],
  ])('refuses %s', async (_what, given, status) => {
    const headers = { origin: scene.origin, 'content-type': 'application/json' };
    const body = given.replaceAll('TOKEN', scene.signIn.token);
    const answer = await scene.ask('/session', { method: 'POST', headers, body });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([status, undefined]);
    expect(answer.body).not.toContain(scene.signIn.token);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'refuses a form of another site, which needs no leave: %s',
    async (type) => {
      expect((await scene.postToken(scene.signIn.token, { 'content-type': type })).status).toBe(415);
    },
  );

  it('answers 429 to guessing', async () => {
    for (let n = 0; n < 10; n += 1) expect((await scene.postToken('wrong')).status).toBe(401);
    const answer = await scene.postToken('wrong');
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '60']);
  });

  it('gives every answer of the page its headers, and each index.html a nonce of its own', async () => {
    const [one, two] = [await scene.ask('/'), await scene.ask('/index.html')];
    const script = await scene.ask('/assets/main.js');
    for (const { headers } of [one, two, script, await scene.ask('/nothing'), await scene.postToken('x')]) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; /);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers['x-powered-by'] ?? headers.server).toBeUndefined();
    }
    const nonces = [one, two].map(({ body }) => /content="([^"]+)"/.exec(body)?.[1] ?? '');
    expect(nonces[0]).not.toBe(nonces[1]);
    expect(Buffer.from(nonces[0] ?? '', 'base64')).toHaveLength(16);
    expect(one.headers['content-security-policy']).toContain(`'nonce-${nonces[0]}'`);
    expect(one.headers['content-security-policy']).toContain(`connect-src 'self' ws://${scene.host};`);
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  it.each([
    ['br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0.5', 'br'],
    ['gzip', undefined],
    ['br;q=0', undefined],
    ['brotli', undefined],
    ['', undefined],
  ])('sends a large file to a browser that accepts %j as %s', async (accepted, encoding) => {
    const answer = await scene.ask('/assets/long-0a1b2c3d.js', { headers: { 'accept-encoding': accepted } });
    expect([answer.status, answer.headers['content-encoding'], answer.headers.vary]).toEqual([
      200,
      encoding,
      'accept-encoding',
    ]);
    expect(answer.body).toBe(longScript);
    expect(answer.sentBytes < longScript.length / 10).toBe(encoding !== undefined);
  });

  it('lets a browser keep only files whose name changes with their content', async () => {
    const kept = await scene.ask('/assets/long-0a1b2c3d.js');
    expect(kept.headers['cache-control']).toBe('private, max-age=31536000, immutable');
    for (const path of ['/', '/index.html', '/assets/main.js', '/assets/none-0a1b2c3d.js'])
      expect((await scene.ask(path)).headers['cache-control']).toBe('no-store');
    expect((await scene.ask('/assets/long-0a1b2c3d.js.br')).status).toBe(404);
  });
});
