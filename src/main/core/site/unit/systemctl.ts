import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { UnitScope } from './unit-place.ts';

const run = promisify(execFile);
const timeoutMs = 15_000;

/** Runs `systemctl` for the system's or this user's units and returns what it prints. Throws when it fails. */
export async function systemctl(scope: UnitScope, args: string[], limitMs = timeoutMs): Promise<string> {
  const flags = scope === 'user' ? ['--user'] : [];
  // Its words are read.
  const options = { timeout: limitMs, env: { ...process.env, LC_ALL: 'C' } };
  return (await run('systemctl', [...flags, ...args], options)).stdout;
}
