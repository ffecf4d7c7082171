import { afterAll, afterEach, beforeEach, vi } from 'vitest';
import { unwell } from './run-sealift.ts';

beforeEach(() => {
  unwell.length = 0;
});

// An exit code that was not expected says little: the log of a failed test holds what the command said.
afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const { args, run } of unwell.slice(-3))
    console.error(
      [`sealift ${args.join(' ')} ended with ${run.exitCode}`, run.stdout.slice(-2000), run.stderr.slice(-2000)].join(
        '\n',
      ),
    );
});

// The next file may run in this process.
afterAll(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
