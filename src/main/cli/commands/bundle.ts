import type { Cli } from '../cli.ts';
import { bundleNeedsCommand } from './bundle-needs.ts';
import { bundlePackCommand } from './bundle-pack.ts';
import { bundleReadCommands } from './bundle-read.ts';

/** Adds `sealift bundle needs|pack|verify|inspect`. */
export function bundleCommands(cli: Cli): void {
  const group = cli.program.command('bundle').description('plan, pack, verify and inspect bundles on media');
  bundleNeedsCommand(group, cli);
  bundlePackCommand(group, cli);
  bundleReadCommands(group, cli);
}
