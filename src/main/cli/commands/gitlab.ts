import type { Cli } from '../cli.ts';

/** Adds the commands of the area `gitlab`. */
export function gitlabCommands(_cli: Cli): void {
  // none yet
}
