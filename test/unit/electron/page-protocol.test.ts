import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csp, pageHeaders } from '../../../src/main/core/http/csp.ts';
import { loadPage, type PageFiles } from '../../../src/main/core/http/page-files.ts';
import { answerRequest, schemes, servePage } from '../../../src/main/electron/page-protocol.ts';
import { handlers, protocol } from '../../fakes/electron.ts';

let folder = '';
let page: PageFiles;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealift-protocol-'));
  const root = join(folder, 'page');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<meta content="__CSP_NONCE__">');
  await writeFile(join(root, 'assets', 'index.js'), 'export {}');
  await writeFile(join(folder, 'secret.js'), 'secret');
  await symlink(join(folder, 'secret.js'), join(root, 'assets', 'link.js'));
  page = await loadPage(root);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the page by its own scheme', () => {
  it('has an origin and is secure, and no more', () => {
    expect(schemes).toEqual([{ scheme: 'app', privileges: { standard: true, secure: true } }]);
  });

  it.each(['app://sealift/', 'app://sealift/index.html', 'app://sealift/?x', 'app://sealift/#/probe'])(
    'answers %s with a fresh nonce in text and policy',
    async (url) => {
      const answer = answerRequest(page, 'GET', url);
      const nonce = /content="(.+)"/.exec(await answer.text())?.[1] ?? '';
      expect(nonce).toHaveLength(24);
      expect(headersOf(answer)).toEqual({
        ...pageHeaders({ nonce }),
        'content-type': 'text/html; charset=utf-8',
      });
      expect(answerRequest(page, 'GET', url).headers.get('content-security-policy')).not.toContain(nonce);
    },
  );

  it('answers files with the headers of the server for browsers', async () => {
    const answer = answerRequest(page, 'GET', 'app://sealift/assets/index.js');
    expect(headersOf(answer)).toEqual({
      ...pageHeaders(),
      'content-type': 'text/javascript; charset=utf-8',
    });
    expect(await answer.text()).toBe('export {}');
  });

  it.each([
    ['GET', 'app://sealift/../secret.js', 404],
    ['GET', 'app://sealift/assets/../../secret.js', 404],
    ['GET', 'app://sealift/%2e%2e/secret.js', 404],
    ['GET', 'app://sealift/assets/%2e%2e%2f%2e%2e%2fsecret.js', 404],
    ['GET', 'app://sealift/..%5csecret.js', 404],
    ['GET', 'app://sealift/..\\secret.js', 404],
    ['GET', 'app://sealift/assets%2findex.js', 404],
    ['GET', 'app://sealift/assets/index.js%00', 404],
    ['GET', 'app://sealift/assets/index.js\0', 404],
    ['GET', 'app://sealift//etc/hosts', 404],
    ['GET', 'app://sealift/etc/hosts', 404],
    ['GET', `app://sealift/${'a'.repeat(100_000)}`, 404],
    ['GET', 'app://sealift/assets/link.js', 404],
    ['GET', 'app://sealift/assets/', 404],
    ['GET', 'app://sealift/__proto__', 404],
    ['GET', 'app://sealift', 403],
    ['GET', 'app://evil/', 403],
    ['GET', 'app://evil/index.html', 403],
    ['GET', 'app://sealift@evil/index.html', 403],
    ['GET', 'app://x@sealift/index.html', 403],
    ['GET', 'app://sealift:1/index.html', 403],
    ['POST', 'app://sealift/', 405],
    ['HEAD', 'app://sealift/', 405],
    ['PUT', 'app://sealift/assets/index.js', 405],
    ['get', 'app://sealift/', 405],
  ])('refuses %s %s with %i', async (method, url, status) => {
    const answer = answerRequest(page, method, url);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-security-policy')).toBe(csp());
    expect(await answer.text()).toBe('');
  });

  it('is what the scheme is answered with', async () => {
    servePage(protocol as never, page);
    const handle = handlers['protocol.handle app'] as unknown as (request: object) => Response;
    expect(handle({ method: 'GET', url: 'app://sealift/assets/index.js' }).status).toBe(200);
    expect(handle({ method: 'GET', url: 'app://sealift/../secret.js' }).status).toBe(404);
  });
});

describe('the built page', () => {
  it('asks for nothing from elsewhere and runs no script of its own text', async () => {
    const html = await readFile('out/renderer/index.html', 'utf8');
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(html).not.toMatch(/\son\w+=/);
    for (const name of (await readdir('out/renderer/assets')).filter((one) => /\.(css|js)$/.test(one))) {
      const text = await readFile(`out/renderer/assets/${name}`, 'utf8');
      expect(text).not.toMatch(/(url\(|@import\s*|import\(|from\s*)["']?https?:/);
    }
  });
});

function headersOf(answer: Response): Record<string, string> {
  const all: Record<string, string> = {};
  answer.headers.forEach((value, name) => {
    all[name] = value;
  });
  return all;
}
