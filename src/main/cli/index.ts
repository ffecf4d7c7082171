import { fileURLToPath } from 'node:url';
import { appError } from '../../shared/errors/app-error.ts';
import { main } from './main.ts';
import { errorLines } from './print.ts';

let isOutputLost = false;
// A reader that closes early (`| head`) must not end the work: whatever was started is finished and cleaned up.
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

process.exitCode = await main(process.argv.slice(2), {
  built: fileURLToPath(new URL('.', import.meta.url)),
  isWatched: process.stderr.isTTY === true,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
// Once everything is written, an unanswered request must not delay the exit.
process.stdout.write('', () => setTimeout(() => process.exit(), 1000).unref());
