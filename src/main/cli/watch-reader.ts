import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

/** Watches whether someone still reads standard output. `gone` resolves when no one does, as after `| head`. */
export interface ReaderWatch {
  gone: Promise<undefined>;
  stop(): void;
}

/**
 * Starts to watch the reader of standard output. Node notices only when it writes, GNU tail without a line to write; where there is
 * no such tail, the next line shows it.
 */
export function watchReader(): ReaderWatch {
  let leave = () => {};
  const gone = new Promise<undefined>((resolve) => {
    leave = () => resolve(undefined);
  });
  process.stdout.once('error', leave);
  const isPipe = process.platform === 'linux' && fstatSync(1).isFIFO();
  const args = ['-f', `--pid=${process.pid}`, '/dev/null'];
  const tail = isPipe ? spawn('tail', args, { stdio: ['ignore', 1, 'ignore'] }) : undefined;
  tail?.on('error', () => undefined);
  tail?.once('exit', (_code, signal) => {
    if (signal === 'SIGPIPE') leave();
  });
  return {
    gone,
    stop: () => {
      process.stdout.off('error', leave);
      tail?.kill();
    },
  };
}
