import type { Cli } from '../cli.ts';

/** Adds the commands of the area `report`. */
export function reportCommands(_cli: Cli): void {
  // none yet
}
