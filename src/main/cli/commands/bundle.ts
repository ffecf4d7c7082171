import type { Cli } from '../cli.ts';
import { bundlePackCommand } from './bundle-pack.ts';
import { bundleReadCommands } from './bundle-read.ts';

/** Adds the commands of the area `bundle`. */
export function bundleCommands(cli: Cli): void {
  const group = cli.program.command('bundle').description('the media that carry everything across');
  bundlePackCommand(group, cli);
  bundleReadCommands(group, cli);
}
