import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';

/** One file of the page. */
export interface PageFile {
  body: Buffer;
  contentType: string;
}

/** What may be asked for: the exact path of the request (`/assets/x.js`) and its file. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/**
 * Reads the built page into memory: regular files of known types only, links are left out. What is asked for later is looked up by
 * name and never opened by it, so no path leads out of the folder. Throws `serve.page-missing` without an `index.html`.
 */
export async function loadPage(folder: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  await readInto(files, folder, '/').catch((cause) => {
    throw appError('serve.page-missing', { folder }, cause);
  });
  if (!files.has('/index.html')) throw appError('serve.page-missing', { folder });
  return files;
}

/** `index.html` with the nonce of one answer, which its style elements carry. */
export function indexPage(files: PageFiles, nonce: string): string {
  return String(files.get('/index.html')?.body).replaceAll('__CSP_NONCE__', nonce);
}

async function readInto(files: Map<string, PageFile>, folder: string, prefix: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const contentType = contentTypes[extname(entry.name)];
    if (entry.isDirectory()) await readInto(files, path, `${prefix}${entry.name}/`);
    else if (entry.isFile() && contentType) files.set(prefix + entry.name, { body: await readFile(path), contentType });
  }
}
