import { Argument } from 'commander';
import type { Cli } from '../cli.ts';
import { completedShells, completionScript } from '../completion.ts';

/** Adds `sealift completion`. */
export function completionCommands({ program }: Cli): void {
  program
    .command('completion')
    .description('print the script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(completedShells))
    .action((shell: (typeof completedShells)[number]) => {
      process.stdout.write(completionScript(program, shell));
    });
}
