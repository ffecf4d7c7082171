import type { Cli } from '../cli.ts';

/** Adds the commands of the area `keys`. */
export function keysCommands(_cli: Cli): void {
  // none yet
}
