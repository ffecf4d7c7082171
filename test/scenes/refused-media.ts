import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openMedia } from '../../src/main/core/bundle/read/open-media.ts';
import { verifyBundle } from '../../src/main/core/bundle/read/verify.ts';
import { importBundle } from '../../src/main/core/import/import-bundle.ts';
import { quietWork } from '../../src/main/core/work.ts';
import { AppError } from '../../src/shared/errors/app-error.ts';
import { builtWorkers } from '../run-sealift.ts';

/** Imports and verifies media with the list of trusted keys in a folder: both refuse in the same words, and nothing is left. */
export async function expectRefused(folder: string, dirs: string[], code: string): Promise<void> {
  const trustFile = join(folder, 'trust.json');
  const store = join(folder, 'store');
  const input = { dirs, store, trustFile, engine: 'none', workers: builtWorkers, now: () => new Date() };
  const refusal = await importBundle(input, quietWork()).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(AppError);
  const { message, wire } = refusal as AppError;
  expect(refusal).toMatchObject({ code, exitCode: 3 });
  expect(JSON.stringify(wire).length).toBeLessThan(20_000);
  // Nothing is left that a later step could take for content.
  expect(existsSync(store) ? readdirSync(store, { recursive: true }).filter(isContent) : []).toEqual([]);
  const reported = await openMedia(dirs, trustFile).then(
    async (open) => {
      const { findings } = await verifyBundle(open, builtWorkers, quietWork());
      return findings.filter((one) => one.severity === 'red').map((one) => one.title);
    },
    (error: unknown) => [(error as AppError).message],
  );
  expect(reported).toContain(message);
}

function isContent(path: unknown): boolean {
  return /blobs\/sha256\/.|models\/.|files\/.|imports\/.*\.json$/.test(String(path)) && !String(path).includes('lock');
}
