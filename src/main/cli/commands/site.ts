import type { Cli } from '../cli.ts';

/** Adds the commands of the area `site`. */
export function siteCommands(_cli: Cli): void {
  // none yet
}
