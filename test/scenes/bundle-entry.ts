import { basename, resolve } from 'node:path';
import { build } from 'vite';

/** Builds a test's own process entry as users' entries are built, below `out/` where it finds the packages; gives its path. */
export async function bundleEntry(source: string): Promise<string> {
  const outFolder = resolve('out/test', basename(source, '.ts'));
  await build({
    logLevel: 'error',
    configFile: false,
    build: {
      ssr: source,
      outDir: outFolder,
      emptyOutDir: true,
      rollupOptions: { output: { entryFileNames: 'entry.mjs' } },
    },
  });
  return `${outFolder}/entry.mjs`;
}

/** Builds a test's own page as the product's page is built, into a folder. */
export async function bundlePage(source: string, outFolder: string): Promise<void> {
  await build({
    logLevel: 'error',
    configFile: false,
    root: source,
    base: './',
    build: { outDir: outFolder, emptyOutDir: true, modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  });
}
