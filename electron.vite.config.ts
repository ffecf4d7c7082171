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
        input: { cli: 'src/main/cli/index.ts', ...workers },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
});
