import { setTimeout as sleep } from 'node:timers/promises';
import { takeLock } from '../../src/main/core/settings/lock.ts';

// Usage: lock-racer PATH TRIES. Each line "N" on stdin is the time (ms) of a round: it tries at that moment, and says what came of it.
const [, , path = '', tries = '1'] = process.argv;

process.stdin.on('data', async (piece) => {
  await sleep(Math.max(0, Number(String(piece)) - Date.now()));
  const ends = await Promise.allSettled(
    Array.from({ length: Number(tries) }, (_, n) => takeLock(path, `racer ${process.pid}.${n}`, new Date())),
  );
  const won = ends.filter((one) => one.status === 'fulfilled').length;
  const odd = ends.flatMap((one) =>
    one.status === 'rejected' && one.reason.code !== 'lock.held' ? [String(one.reason)] : [],
  );
  process.stdout.write(`${JSON.stringify({ won, odd })}\n`);
});
process.stdin.on('end', () => process.exit(0));
