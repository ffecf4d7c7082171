import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { appError } from '../../../shared/errors/app-error.ts';
import { isLoopback } from './network-host.ts';

/**
 * Throws `network.loopback-down` when a program here could listen on this host and no other could reach it, as in a network namespace
 * whose loopback interface was never started.
 */
export async function refuseLoopbackDown(host: string): Promise<void> {
  if (!isLoopback(host)) return;
  const interfaces = Object.values(networkInterfaces()).flat();
  // The list alone is no proof: some sandboxes hide it.
  if (interfaces.some((one) => one?.internal)) return;
  const problem = await reachProblem();
  if (problem) throw appError('network.loopback-down', {}, problem);
}

/** What keeps a connection to a port of this process from being made. */
async function reachProblem(): Promise<Error | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    return await new Promise((resolve) => {
      server.once('error', resolve);
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as { port: number };
        const socket = connect({ port, host: '127.0.0.1', timeout: 2000 });
        socket.once('connect', () => resolve(undefined));
        socket.once('timeout', () => socket.destroy(new Error('No answer within 2 s.')));
        socket.once('error', resolve);
      });
    });
  } finally {
    server.close();
  }
}
