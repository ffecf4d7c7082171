import { readdirSync } from 'node:fs';
import { defineConfig } from 'electron-vite';

// Every file in src/main/workers is an entry of its own: it starts by path, in a process or thread of its own.
const workers = Object.fromEntries(
  readdirSync('src/main/workers')
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
