import type { Cli } from '../cli.ts';

/** Adds the commands of the area `models`. */
export function modelsCommands(_cli: Cli): void {
  // none yet
}
