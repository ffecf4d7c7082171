import { spawnSync } from 'node:child_process';

/** True when a container engine answers on the usual socket. */
export function dockerIsThere(): boolean {
  return spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 }).status === 0;
}
