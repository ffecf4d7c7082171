import type { Cli } from '../cli.ts';
import { bundlePackCommand } from './bundle-pack.ts';
import { bundleReadCommands } from './bundle-read.ts';

/** Adds `sealift bundle pack|verify|inspect`. */
export function bundleCommands(cli: Cli): void {
  const group = cli.program.command('bundle').description('pack, verify and inspect bundles on media');
  bundlePackCommand(group, cli);
  bundleReadCommands(group, cli);
}
