import type { Cli } from '../cli.ts';

/** Adds the commands of the area `bundle`. */
export function bundleCommands(_cli: Cli): void {
  // none yet
}
