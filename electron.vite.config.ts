import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { defineConfig } from 'electron-vite';
import { readGuide } from './scripts/read-guide.ts';
import { parseYaml, yamlIssues } from './src/main/core/files/parse-yaml.ts';
import { parsedCatalogName } from './src/main/core/settings/read-catalog.ts';

const folder = 'src/main/workers';
// Every file in it is an entry of its own: it starts by path, in a process or thread of its own.
const workers = Object.fromEntries(
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name.replace(/\.ts$/, ''), `src/main/workers/${name}`]),
);

/** Writes the values of the catalogue's YAML files as JSON, which a command reads instead of parsing YAML. */
const parseCatalog = {
  name: 'parse-catalog',
  generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: string }): void }) {
    for (const file of readdirSync('resources/catalog')) {
      const yaml = readFileSync(join('resources/catalog', file));
      const parsed = parseYaml(yaml);
      if (!parsed.isYaml) throw new Error(`resources/catalog/${file}: ${yamlIssues(parsed.problems).join('; ')}`);
      const fileName = `catalog/${parsedCatalogName(yaml)}`;
      this.emitFile({ type: 'asset', fileName, source: JSON.stringify(parsed.value) });
    }
  },
};

/** What dockerode needs only for engines over SSH and for BuildKit, neither of which Sealift asks for. */
const neverLoaded: string[] = JSON.parse(readFileSync('scripts/packaging/never-loaded.json', 'utf8'));

/** Puts an empty module in the place of a package that is never loaded. */
const leaveOutNeverLoaded = {
  name: 'leave-out-never-loaded',
  enforce: 'pre' as const,
  resolveId: (source: string) => (neverLoaded.includes(source) ? `\0${source}` : undefined),
  load: (id: string) => (neverLoaded.includes(id.slice(1)) ? 'export {}' : undefined),
};

/** Makes a page of the guide a module with its content as data, so that the window carries no parser and shows no HTML of it. */
const parseGuide = {
  name: 'parse-guide',
  transform(code: string, path: string) {
    if (!path.endsWith('.md')) return undefined;
    const chapter = readGuide(basename(path, '.md'), code);
    return { code: `export default ${JSON.stringify(chapter)}`, moduleType: 'js' as const, map: null };
  },
};

/** Writes a compressed copy next to each asset of the page: the best compression is too slow for each start of the server. */
const compressAssets = {
  name: 'compress-assets',
  writeBundle({ dir = '' }: { dir?: string }, bundle: Record<string, unknown>) {
    for (const name of Object.keys(bundle).filter((one) => /[.](js|css|svg)$/.test(one)))
      writeFileSync(join(dir, `${name}.br`), brotliCompressSync(readFileSync(join(dir, name))));
  },
};

export default defineConfig({
  main: {
    plugins: [parseCatalog, leaveOutNeverLoaded],
    build: {
      target: 'node20.19',
      sourcemap: true,
      // Finding and reading their hundreds of files takes Node longer than running them: bundled, a process starts in two thirds of the time.
      externalizeDeps: {
        exclude: [
          '@sigstore/bundle',
          '@sigstore/protobuf-specs',
          '@sigstore/verify',
          'commander',
          'dockerode',
          'fastify',
          'ipaddr.js',
          'jose',
          'pino',
          'prom-client',
          'tar-stream',
          'undici',
          'ws',
          'yaml',
          'zod',
        ],
      },
      rollupOptions: {
        input: {
          cli: 'src/main/cli/index.ts',
          // Runs commands inside another program: tests save the start of a process for each.
          'command-line': 'src/main/cli/main.ts',
          electron: 'src/main/electron/index.ts',
          ...workers,
        },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          // Those of packages show imports that the code does not make.
          comments: { jsdoc: false },
        },
      },
    },
  },
  preload: {
    build: {
      // A sandboxed preload script is one CommonJS file.
      rollupOptions: {
        input: 'src/preload/index.ts',
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    plugins: [parseGuide, compressAssets],
    build: {
      // Older than Electron 45 needs: a window test on an older runtime reads the same files.
      target: 'chrome108',
      cssTarget: 'chrome108',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      // A screen whose own style was lost on the way would be asked for again without it.
      cssCodeSplit: false,
      minify: true,
      rollupOptions: {
        input: 'src/renderer/index.html',
        // "use client" of component libraries says something to servers only.
        onLog: (level, log, show) => {
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') show(level, log);
        },
      },
    },
  },
});
