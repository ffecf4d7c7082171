import type { Cli } from '../cli.ts';

/** Adds the commands of the area `imports`. */
export function importsCommands(_cli: Cli): void {
  // none yet
}
