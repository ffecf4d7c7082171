import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { serve } from '../../../src/shared/rpc/serve.ts';
import { kernelContract, kernelHandlers } from '../../scenes/kernel-contract.ts';
import { PageScene } from '../../scenes/page-scene.ts';

let scene: PageScene;
beforeAll(async () => {
  scene = await PageScene.open((pipe) =>
    serve(kernelContract, kernelHandlers(), pipe, { mayWrite: false, owner: 'a test', newRef: () => 'ref' }),
  );
});
afterAll(() => scene.close());

const foreignHosts = [
  'evil.example',
  'evil.example:PORT',
  '127.0.0.1.evil.example:PORT',
  'localhost.evil.example',
  'evil-localhost',
  '127.0.0.1@evil.example',
  '127.0.0.1:PORT@evil.example',
  '127.0.0.1:PORT/evil',
  '127.0.0.1:',
  '127.0.0.1:123456',
  '127.1',
  '2130706433',
  '0.0.0.0:PORT',
  '[::]:PORT',
  '::1',
  'localhost.',
  ' ',
];
const ownHosts = ['127.0.0.1:PORT', 'localhost:PORT', '[::1]:PORT', 'LOCALHOST:PORT', 'localhost:8443', 'localhost'];
const withPort = (text: string) => text.replaceAll('PORT', String(scene.port));

describe('the page to strangers', () => {
  it.each(foreignHosts)('answers nothing to the host name %j', async (named) => {
    const host = withPort(named);
    const answer = await scene.ask('/', { headers: { host } });
    expect([400, 421]).toContain(answer.status);
    expect(answer.body).not.toContain('<title>');
    const posted = await scene.postToken(scene.signIn.token, { host, origin: `http://${host.trim()}` });
    expect([400, 421]).toContain(posted.status);
    expect(posted.headers['set-cookie']).toBeUndefined();
    expect([400, 421]).toContain(await scene.socket({ host, origin: `http://${host.trim()}` }));
  });

  it.each(ownHosts)('is shown under %j, wherever the tunnel ends', async (named) => {
    const host = withPort(named);
    expect((await scene.ask('/', { headers: { host } })).status).toBe(200);
    const socket = await scene.socket({ host, origin: `http://${host}` });
    expect(socket).toBeInstanceOf(WebSocket);
    (socket as WebSocket).terminate();
  });

  it('answers nothing to two host names in one request', async () => {
    const text = await rawAnswer(`GET / HTTP/1.1\r\nHost: ${scene.host}\r\nHost: evil.example\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(text).not.toContain('<title>');
  });

  it('answers nothing to a full address in the request line', async () => {
    const text = await rawAnswer(`GET http://evil.example/ HTTP/1.1\r\nHost: ${scene.host}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
  });

  it.each([
    ['another site', 'http://evil.example'],
    ['null (a sandboxed frame, a file)', 'null'],
    ['another port of this machine', 'http://127.0.0.1:1'],
    ['another name of this machine', 'http://localhost:PORT'],
    ['another scheme', 'https://127.0.0.1:PORT'],
    ['a longer one', 'http://127.0.0.1:PORT.evil.example'],
    ['an empty one', ''],
  ])('lets no page of another origin in: %s', async (_what, given) => {
    const origin = withPort(given);
    expect(await scene.socket({ origin })).toBe(403);
    const posted = await scene.postToken(scene.signIn.token, { origin });
    expect(posted.status).toBe(403);
    expect(posted.headers['set-cookie']).toBeUndefined();
  });

  it('lets no one in without an origin', async () => {
    const headers = { cookie: await scene.cookie() };
    const socket = new WebSocket(`ws://${scene.host}/rpc`, { headers });
    const status = await new Promise((resolve) => {
      socket.on('unexpected-response', (_asked, answer) => resolve(answer.statusCode));
      socket.on('error', () => undefined);
    });
    expect(status).toBe(403);
    socket.terminate();
    const headersOfPost = { 'content-type': 'application/json' };
    const body = JSON.stringify({ token: scene.signIn.token });
    expect((await scene.ask('/session', { method: 'POST', headers: headersOfPost, body })).status).toBe(403);
  });

  it.each([
    ['no cookie', ''],
    ['a cookie without a name', 'x'],
    ['a made-up session', 'NAME=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['the token as the session', 'NAME=TOKEN'],
    ['another cookie with the right value', 'other=VALUE'],
    ['an empty session', 'NAME='],
    ['a longer value', 'NAME=VALUEx'],
    ['a very long header', `NAME=${'x'.repeat(8000)}`],
  ])('lets no one in with %s', async (_what, given) => {
    const [name = '', value = ''] = (await scene.cookie()).split('=');
    const cookie = given.replace('NAME', name).replace('VALUE', value).replace('TOKEN', scene.signIn.token);
    expect(await scene.socket({ cookie })).toBe(401);
    expect((await scene.ask('/session', { headers: { cookie } })).status).toBe(401);
  });

  it('finds the session among other cookies, as browsers send them for all ports of a host', async () => {
    const cookie = await scene.cookie();
    const [name] = cookie.split('=');
    const socket = await scene.socket({ cookie: `a=b; ${name}=planted; ${cookie}; c` });
    expect(socket).toBeInstanceOf(WebSocket);
    (socket as WebSocket).terminate();
  });

  it.each(['/', '/rpc?token=TOKEN', '/rpc/', '/RPC', '/rpc%2f', '//rpc', '/session', '/assets/main.js'])(
    'opens no socket at %s',
    async (path) => {
      expect(await scene.socket({}, path.replace('TOKEN', scene.signIn.token))).toBe(404);
    },
  );

  it('takes no token from an address', async () => {
    const { token } = scene.signIn;
    for (const path of [`/?token=${token}`, `/session?token=${token}`, `/session/${token}`]) {
      expect((await scene.ask(path)).headers['set-cookie']).toBeUndefined();
    }
    expect((await scene.ask(`/session?token=${token}`)).status).toBe(401);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND'])(
    '%s is refused',
    async (method) => {
      const headers = { origin: scene.origin, 'content-type': 'application/json' };
      for (const path of ['/', '/assets/main.js', '/rpc', '/nothing']) {
        expect((await scene.ask(path, { method, headers })).status).toBe(405);
      }
    },
  );

  it.each([
    '/..',
    '/../secret.js',
    '/assets/../../secret.js',
    '/assets/../index.html',
    '/%2e%2e/secret.js',
    '/assets/%2e%2e/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '/..%5csecret.js',
    '/..\\secret.js',
    '/assets/..;/secret.js',
    '/assets%2fmain.js',
    '/assets/main.js%00',
    '/assets/main.js%00.html',
    '/assets//main.js',
    '//assets/main.js',
    '/./assets/main.js',
    '/assets/MAIN.JS',
    '/assets/main.js/',
    '/assets/link.js',
    '/assets/notes.txt',
    '/up/secret.js',
    '/assets/',
    '/etc/passwd',
    '/C:/Windows/win.ini',
    '/file:///etc/passwd',
    '/__proto__',
    '/constructor',
    '/%',
    '/%zz',
    '/%c0%ae%c0%ae/secret.js',
    `/${'a'.repeat(8000)}`,
  ])('serves no file at %s', async (path) => {
    const answer = await scene.ask(path);
    expect([400, 404]).toContain(answer.status);
    expect(answer.body).not.toContain('outside');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });

  it('listens on no other address of this machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((one) => one.address !== '127.0.0.1' && !one.address.startsWith('fe80'));
    for (const { address } of [...others, { address: '127.0.0.2' }]) {
      const reached = await new Promise((resolve) => {
        const socket = connect({ host: address, port: scene.port });
        socket.on('connect', () => resolve(true));
        socket.on('error', () => resolve(false));
      });
      expect(reached, address).toBe(false);
    }
  });
});

function rawAnswer(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: scene.port }, () => socket.write(text));
    let got = '';
    socket.on('data', (piece) => {
      got += String(piece);
      socket.end();
    });
    socket.on('close', () => resolve(got));
  });
}
