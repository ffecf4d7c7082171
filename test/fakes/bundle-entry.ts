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
