import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for what several test files use; it ends with the run. */
    shared: string;
  }
}

/** Builds `out/` before the tests, when sources changed: those that start processes use the built entries, as users do. Makes the folder `shared`. */
export default function buildOnce({ provide }: TestProject): () => void {
  execFileSync(
    process.execPath,
    ['--input-type=module', '-e', "const { build } = await import('./scripts/prepare.mjs'); build();"],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const folder = mkdtempSync(join(tmpdir(), 'sealift-shared-'));
  provide('shared', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
