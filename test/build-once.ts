import { execFileSync } from 'node:child_process';

/** Builds `out/` before the tests: those that start processes use the built entries, as users do. */
export default function buildOnce(): void {
  execFileSync('npx', ['electron-vite', 'build', '--logLevel', 'warn'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
