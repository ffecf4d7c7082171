// `npm run bench -- <name> [--size 100MB] [--rounds 3]`: installs and builds if something changed, then runs `test/bench/<name>.ts`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, install } from './prepare.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name = '', ...args] = process.argv.slice(2);
const known = readdirSync(`${root}test/bench`)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''));
if (!existsSync(`${root}test/bench/${name}.bench.ts`) || !known.includes(name)) {
  process.stderr.write(`Usage: npm run bench -- <${known.join('|')}> [--size 100MB] [--rounds 3]\n`);
  process.exit(2);
}
install();
build();
const { build: bundle } = await import('vite');
const outDir = `${root}out/bench/${name}`;
await bundle({
  root,
  logLevel: 'error',
  configFile: false,
  build: {
    ssr: `test/bench/${name}.bench.ts`,
    outDir,
    emptyOutDir: true,
    rollupOptions: { output: { entryFileNames: 'entry.mjs' } },
  },
});
const { status } = spawnSync(process.execPath, [`${outDir}/entry.mjs`, ...args], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 4);
