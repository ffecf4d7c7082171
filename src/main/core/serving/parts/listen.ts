import type { FastifyInstance } from 'fastify';
import { appError } from '../../../../shared/errors/app-error.ts';
import { refuseLoopbackDown } from '../../http/refuse-loopback-down.ts';
import { listenProblem, ownerText, portOwner } from '../../processes/port-owner.ts';
import type { PartAddress } from './parts.ts';

/** Starts listening on exactly this host. Throws `serving.port-in-use`, `serving.address-unusable` or `network.loopback-down`. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<PartAddress> {
  try {
    await refuseLoopbackDown(host);
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    throw await listenError(cause as NodeJS.ErrnoException, host, port);
  }
  const address = app.server.address();
  return { host, port: typeof address === 'object' && address ? address.port : port };
}

/** Checks before long work that this address can be listened on. Throws as `listen`. */
export async function checkAddress(host: string, port: number): Promise<void> {
  await refuseLoopbackDown(host);
  const problem = await listenProblem(host, port);
  if (problem) throw await listenError(problem, host, port);
}

async function listenError(cause: NodeJS.ErrnoException, host: string, port: number): Promise<Error> {
  if (cause.code === 'EADDRINUSE') {
    const owner = await portOwner(port);
    return appError('serving.port-in-use', { host, port, ...(owner && { owner: ownerText(owner) }) }, cause);
  }
  const isUnusable = ['EADDRNOTAVAIL', 'EACCES', 'ENOTFOUND', 'EAI_AGAIN'].includes(cause.code ?? '');
  return isUnusable ? appError('serving.address-unusable', { host, port }, cause) : cause;
}
