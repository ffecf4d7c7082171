import type { Cli } from '../cli.ts';

/** Adds the commands of the area `probe`. */
export function probeCommands(_cli: Cli): void {
  // none yet
}
