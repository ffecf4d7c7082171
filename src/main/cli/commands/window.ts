import { once } from 'node:events';
import { appError } from '../../../shared/errors/app-error.ts';
import { parentPipe } from '../../core/processes/fork.ts';
import { manyPipes } from '../../core/processes/many-pipes.ts';
import type { Cli, Session } from '../cli.ts';

/** Adds `sealift window`, the core of the desktop window: the window starts it, speaks to it over the IPC channel and ends it by closing that. */
export function windowCommands(cli: Cli): void {
  cli.program
    .command('window', { hidden: true })
    .description('the core behind the window; the window starts it itself')
    .action(cli.action({ writes: 'if-free', shell: 'window' }, hostWindow));
}

async function hostWindow({ hosting }: Session): Promise<'emitted'> {
  if (!process.send)
    throw appError('usage.invalid', { problem: 'the window starts this itself: npm start', command: 'serve' });
  const carrier = parentPipe();
  manyPipes(carrier, hosting.answer);
  const left = new Promise<void>((resolve) => carrier.onClose(resolve));
  await Promise.race([left, hosting.stopped.aborted || once(hosting.stopped, 'abort')]);
  carrier.close();
  return 'emitted';
}
