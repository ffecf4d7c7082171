import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { appError } from '../../../shared/errors/app-error.ts';

/** A file of the built page. */
export interface PageFile {
  body: Buffer;
  /** The same content compressed by brotli, where the build wrote it. */
  brotli?: Buffer;
  contentType: string;
}

/** The files that can be requested, by the exact request path (`/assets/x.js`). */
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
 * Reads the built page into memory: regular files of known types, no links. Later requests are looked up by
 * path and never open a file, so that no path can leave the folder. Throws `serve.page-missing` if there is no `index.html`.
 */
export async function loadPage(folder: string): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  await readInto(files, folder, '/').catch((cause) => {
    throw appError('serve.page-missing', { folder }, cause);
  });
  if (!files.has('/index.html')) throw appError('serve.page-missing', { folder });
  return files;
}

/** Returns `index.html` with the nonce of one response, which its style elements need. */
export function indexPage(files: PageFiles, nonce: string): string {
  return String(files.get('/index.html')?.body).replaceAll('__CSP_NONCE__', nonce);
}

async function readInto(files: Map<string, PageFile>, folder: string, prefix: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((one) => one.isFile()).map((one) => one.name);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const contentType = contentTypes[extname(entry.name)];
    if (entry.isDirectory()) await readInto(files, path, `${prefix}${entry.name}/`);
    else if (entry.isFile() && contentType) {
      const brotli = names.includes(`${entry.name}.br`) ? await readFile(`${path}.br`) : undefined;
      files.set(prefix + entry.name, { body: await readFile(path), contentType, ...(brotli && { brotli }) });
    }
  }
}
