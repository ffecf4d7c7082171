import { appError } from '../../shared/errors/app-error.ts';
import { main } from './main.ts';
import { errorLines } from './print.ts';

let isOutputLost = false;
// A reader that goes away (`| head`) must not end the work: what was begun is finished and cleaned up.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  isOutputLost ||= error.code !== 'EPIPE';
});
process.stderr.on('error', () => undefined);
process.on('exit', () => {
  if (!isOutputLost || Number(process.exitCode) > 1) return;
  const error = appError('output.failed', {});
  process.exitCode = error.exitCode;
  process.stderr.write(errorLines(error));
});

process.exitCode = await main(process.argv.slice(2));
// Whoever was asked and never answered must not hold up the end, once all is written.
process.stdout.write('', () => setTimeout(() => process.exit(), 1000).unref());
