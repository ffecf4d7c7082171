import type { FastifyInstance } from 'fastify';
import { appError } from '../../../../shared/errors/app-error.ts';
import { refuseLoopbackDown } from '../../http/refuse-loopback-down.ts';
import { listenProblem, ownerText, portOwner } from '../../processes/port-owner.ts';
import type { PartAddress } from './parts.ts';

/** Starts listening on exactly this host. `setting` says where people set the port. Throws `serving.port-in-use`, `serving.address-unusable` or `network.loopback-down`. */
export async function listen(app: FastifyInstance, host: string, port: number, setting: string): Promise<PartAddress> {
  try {
    await refuseLoopbackDown(host);
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    throw await listenError(cause as NodeJS.ErrnoException, { host, port, setting });
  }
  const address = app.server.address();
  return { host, port: typeof address === 'object' && address ? address.port : port };
}

/** Checks before long work that this address can be listened on. Throws as `listen`. */
export async function checkAddress(host: string, port: number, setting: string): Promise<void> {
  await refuseLoopbackDown(host);
  const problem = await listenProblem(host, port);
  if (problem) throw await listenError(problem, { host, port, setting });
}

async function listenError(
  cause: NodeJS.ErrnoException,
  { host, port, setting }: { host: string; port: number; setting: string },
): Promise<Error> {
  if (cause.code === 'EADDRINUSE') {
    const owner = await portOwner(port);
    return appError('serving.port-in-use', { host, port, setting, ...(owner && { owner: ownerText(owner) }) }, cause);
  }
  const isUnusable = ['EADDRNOTAVAIL', 'EACCES', 'ENOTFOUND', 'EAI_AGAIN'].includes(cause.code ?? '');
  return isUnusable ? appError('serving.address-unusable', { host, port }, cause) : cause;
}
