import { execFileSync } from 'node:child_process';

/** Builds `out/` before the tests, when sources changed: those that start processes use the built entries, as users do. */
export default function buildOnce(): void {
  execFileSync(
    process.execPath,
    ['--input-type=module', '-e', "const { build } = await import('./scripts/prepare.mjs'); build();"],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
}
