import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { loadPage } from '../../../src/main/core/http/page-files.ts';
import { type PageServer, startPageServer } from '../../../src/main/headless/page-server.ts';
import { SignIn } from '../../../src/main/headless/sign-in.ts';
import { serve } from '../../../src/shared/rpc/serve.ts';
import { missing } from '../../needs.ts';
import { kernelContract, kernelHandlers } from '../../scenes/kernel-contract.ts';
import { writePage } from '../../scenes/page-scene.ts';

describe.skipIf(missing('openssl'))('the page on every address, with TLS', () => {
  let folder = '';
  let cert: Buffer;
  let signIn: SignIn;
  let server: PageServer;
  const name = 'gpu.example';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sealift-tls-'));
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
    spawnSync('openssl', [...made, '-addext', `subjectAltName=DNS:${name}`, '-keyout', keyFile, '-out', certFile]);
    cert = await readFile(certFile);
    await writePage(join(folder, 'page'));
    signIn = await SignIn.open(undefined, () => new Date());
    server = await startPageServer({
      host: '0.0.0.0',
      port: 0,
      allowedHosts: [name],
      tls: { cert, key: await readFile(keyFile) },
      page: await loadPage(join(folder, 'page')),
      signIn,
      onPipe: (pipe) =>
        serve(kernelContract, kernelHandlers(), pipe, { mayWrite: false, owner: 'a test', newRef: () => 'ref' }),
    });
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Asks this machine under a name, as a browser whose DNS knows it would. */
  function ask(host: string, origin?: string): Promise<{ status: number; cookie: string; policy: string }> {
    const body = origin === undefined ? undefined : JSON.stringify({ token: signIn.token });
    const headers = { host, ...(origin !== undefined && { origin, 'content-type': 'application/json' }) };
    const target = { host: '127.0.0.1', port: server.port, servername: name, ca: cert, headers };
    return new Promise((resolve, reject) => {
      const path = body === undefined ? '/' : '/session';
      const asked = request({ ...target, path, method: body === undefined ? 'GET' : 'POST' }, (answer) => {
        answer.resume();
        const cookie = answer.headers['set-cookie']?.[0] ?? '';
        const policy = String(answer.headers['content-security-policy']);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, cookie, policy }));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  it('answers to the names that were allowed, and to no other', async () => {
    const host = `${name}:${server.port}`;
    expect(await ask(host)).toMatchObject({ status: 200, policy: expect.stringContaining(`wss://${host};`) });
    for (const other of ['127.0.0.1', 'localhost', '0.0.0.0', '[::1]', 'evil.example', `${name}.evil.example`])
      expect((await ask(`${other}:${server.port}`)).status, other).toBe(421);
  });

  it('sets a cookie that travels over TLS only, and opens the socket with it', async () => {
    const host = `${name}:${server.port}`;
    expect((await ask(host, `http://${host}`)).status).toBe(403);
    const { status, cookie } = await ask(host, `https://${host}`);
    expect(status).toBe(204);
    expect(cookie.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict', 'Secure']);
    const headers = { host, origin: `https://${host}`, cookie: cookie.split(';', 1).join('') };
    const options = { headers, ca: cert, servername: name };
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}/rpc`, options);
    await new Promise((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('error', reject);
    });
    socket.terminate();
  });
});
