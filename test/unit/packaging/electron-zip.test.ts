import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const script = new URL('../../../scripts/packaging/electron-zip.mjs', import.meta.url).href;
const { checkedElectronZip } = (await import(script)) as {
  checkedElectronZip(file: string, forTests: boolean): { version: string; platform: string };
};
const { version } = (await import('electron/package.json')) as { version: string };
const folder = mkdtempSync(join(tmpdir(), 'sealift-zip-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileNamed(name: string): string {
  const file = join(folder, name);
  writeFileSync(file, 'not the real one');
  return file;
}

it.each([
  [`electron-v${version}-linux-x64.zip`, 'is damaged or was changed'],
  [`electron-v${version}-linux-ppc64.zip`, 'is not named like a release of Electron'],
  ['electron-v22.3.25-linux-x64.zip', `is not Electron ${version}`],
  ['electron.zip', 'is not named like a release of Electron'],
])('refuses %s with other bytes', (name, problem) => {
  expect(() => checkedElectronZip(fileNamed(name), false)).toThrow(problem);
});

it('accepts only other versions for tests', () => {
  const old = fileNamed('electron-v22.3.25-win32-x64.zip');
  expect(checkedElectronZip(old, true)).toMatchObject({ version: '22.3.25', platform: 'win-x64' });
  const own = fileNamed(`electron-v${version}-linux-arm64.zip`);
  expect(() => checkedElectronZip(own, true)).toThrow('is damaged or was changed');
});

describe('what a download says that fails', () => {
  let server: Server;
  let mirror = '';
  const tunnels: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url?.startsWith('/gone/')) response.writeHead(404).end();
      else if (request.url?.startsWith('/other/')) response.end('not Electron');
      // Half of what was announced.
      else response.writeHead(200, { 'content-length': 20 }).write('0123456789', () => response.destroy());
    });
    server.on('connect', ({ url }, socket) => {
      tunnels.push(String(url));
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  /** In a process of its own, since a proxy counts for all requests of a process. */
  async function fetchIn(platform: string, environment: NodeJS.ProcessEnv): Promise<string> {
    const fetchIt = `import(${JSON.stringify(script)}).then((one) => one.fetchElectronZip('${platform}')).catch(({ message }) => console.log(message))`;
    const clean = { PATH: process.env.PATH, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache'), TMPDIR: folder };
    const child = spawn(process.execPath, ['-e', fetchIt], { env: { ...clean, ...environment } });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
    await once(child, 'close');
    return said;
  }

  it.each([
    ['a mirror without it', '/gone/', '404 (Not Found)'],
    ['another file', '/other/', 'did not match expected checksum'],
    ['half of it', '/half/', 'terminated'],
  ])('%s', async (_what, path, why) => {
    const said = await fetchIn('linux-x64', { ELECTRON_MIRROR: `${mirror}${path}` });
    expect(said).toContain(`electron-v${version}-linux-x64.zip could not be downloaded. `);
    expect(said).toContain(why);
    expect(said).toContain(`--electron-zip electron-v${version}-linux-x64.zip`);
    expect(readdirSync(folder).filter((one) => one.startsWith('electron-download'))).toEqual([]);
  });

  it('no network: why, and what to do', async () => {
    const said = await fetchIn('linux-x64', { ELECTRON_MIRROR: 'http://127.0.0.1:2/' });
    expect(said).toMatch(/fetch failed: .*ECONNREFUSED/);
  });

  it('a proxy that refuses, without asking past it', async () => {
    const said = await fetchIn('win-x64', { ELECTRON_MIRROR: 'https://nowhere.invalid/', HTTPS_PROXY: mirror });
    expect(tunnels).toEqual(['nowhere.invalid:443']);
    expect(said).toContain(`electron-v${version}-win32-x64.zip could not be downloaded. fetch failed: `);
    expect(said).toContain('403');
  });

  it('macOS, before anything is asked', async () => {
    const said = await fetchIn('darwin-arm64', { ELECTRON_MIRROR: `${mirror}/other/` });
    expect(said).toContain('There is no package with a window for darwin-arm64');
  });
});
