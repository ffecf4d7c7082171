import type { Cli } from '../cli.ts';
import { bundleCountersignCommand } from './bundle-countersign.ts';
import { bundleDiffCommand } from './bundle-diff.ts';
import { bundleNeedsCommand } from './bundle-needs.ts';
import { bundlePackCommand } from './bundle-pack.ts';
import { bundleReadCommands } from './bundle-read.ts';
import { bundleRepairCommands } from './bundle-repair.ts';

/** Adds `sealift bundle needs|pack|diff|verify|inspect|repair-request|repair|countersign`. */
export function bundleCommands(cli: Cli): void {
  const group = cli.program.command('bundle').description('plan, pack, compare, verify and inspect bundles on media');
  bundleNeedsCommand(group, cli);
  bundlePackCommand(group, cli);
  bundleDiffCommand(group, cli);
  bundleReadCommands(group, cli);
  bundleRepairCommands(group, cli);
  bundleCountersignCommand(group, cli);
}
