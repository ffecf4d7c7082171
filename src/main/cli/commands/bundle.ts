import type { Cli } from '../cli.ts';
import { bundleCountersignCommand } from './bundle-countersign.ts';
import { bundleNeedsCommand } from './bundle-needs.ts';
import { bundlePackCommand } from './bundle-pack.ts';
import { bundleReadCommands } from './bundle-read.ts';

/** Adds `sealift bundle needs|pack|verify|inspect|countersign`. */
export function bundleCommands(cli: Cli): void {
  const group = cli.program.command('bundle').description('plan, pack, verify and inspect bundles on media');
  bundleNeedsCommand(group, cli);
  bundlePackCommand(group, cli);
  bundleReadCommands(group, cli);
  bundleCountersignCommand(group, cli);
}
