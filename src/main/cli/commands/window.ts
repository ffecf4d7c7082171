import { once } from 'node:events';
import { appError } from '../../../shared/errors/app-error.ts';
import { parentPipe } from '../../core/processes/fork.ts';
import { manyPipes } from '../../core/processes/many-pipes.ts';
import type { Cli, Session } from '../cli.ts';

/** Adds `sealift window`, the core of the desktop window. The window starts it, talks to it over the IPC channel, and closes that to end it. */
export function windowCommands(cli: Cli): void {
  cli.program
    .command('window', { hidden: true })
    .description('the core of the window, started by the window itself')
    .action(cli.action({ writes: 'if-free', shell: 'window' }, hostWindow));
}

async function hostWindow({ hosting }: Session): Promise<'emitted'> {
  if (!process.send)
    throw appError('usage.invalid', {
      problem: 'this command is only for the window; to open the window, start Sealift without a command',
      command: 'serve',
    });
  const carrier = parentPipe();
  manyPipes(carrier, hosting.answer);
  const left = new Promise<void>((resolve) => carrier.onClose(resolve));
  await Promise.race([left, hosting.stopped.aborted || once(hosting.stopped, 'abort')]);
  carrier.close();
  return 'emitted';
}
