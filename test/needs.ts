import { spawnSync } from 'node:child_process';

const strict = process.env.SEALIFT_TEST_NEEDS === 'all';

/**
 * For `describe.skipIf(missing('docker'))`: true when a component is not on this machine, after printing why tests skip.
 * With `SEALIFT_TEST_NEEDS=all` (as `.ci/run` sets it) a missing component is a failure instead, unless it `mayBeRefused`: it is no
 * package of this system and a mirror may not give it.
 */
export function missing(
  what: string,
  isThere: () => boolean = () => hasCommand(what),
  options: { mayBeRefused?: boolean } = {},
): boolean {
  if (isThere()) return false;
  if (strict && !options.mayBeRefused)
    throw new Error(`${what} is not on this machine, and SEALIFT_TEST_NEEDS=all forbids to skip`);
  process.stdout.write(`skipped: ${what} is not on this machine\n`);
  return true;
}

function hasCommand(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
}
