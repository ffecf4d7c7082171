import type { Cli } from '../cli.ts';

/** Adds the commands of the area `rehearse`. */
export function rehearseCommands(_cli: Cli): void {
  // none yet
}
