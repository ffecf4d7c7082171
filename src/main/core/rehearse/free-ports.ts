import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what the kernels give to clients and to servers without a port of their own: 32768 on Linux, 49152 elsewhere. */
const range = { from: 20_000, to: 32_000 };

/**
 * Returns `count` different TCP ports of 127.0.0.1 that were free a moment ago. Nobody gets one of them by asking for
 * any port; callers must still handle a taken one.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(range.from, range.to);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
