import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'electron-vite';

const folder = 'src/main/workers';
// Every file in it is an entry of its own: it starts by path, in a process or thread of its own.
const workers = Object.fromEntries(
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith('.ts'))
    .map((name) => [name.replace(/\.ts$/, ''), `src/main/workers/${name}`]),
);

export default defineConfig({
  main: {
    build: {
      target: 'node20.19',
      sourcemap: true,
      rollupOptions: {
        input: { cli: 'src/main/cli/index.ts', electron: 'src/main/electron/index.ts', ...workers },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
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
