import type { Cli } from '../cli.ts';
import { bundlePackCommand } from './bundle-pack.ts';

/** Adds the commands of the area `bundle`. */
export function bundleCommands(cli: Cli): void {
  const group = cli.program.command('bundle').description('pack, check and repair bundles');
  bundlePackCommand(group, cli);
}
