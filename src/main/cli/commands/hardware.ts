import type { Cli } from '../cli.ts';

/** Adds the commands of the area `hardware`. */
export function hardwareCommands(_cli: Cli): void {
  // none yet
}
