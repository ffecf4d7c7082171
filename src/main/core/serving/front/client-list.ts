import type { Socket } from 'node:net';
import { isInRange } from '../../http/network-host.ts';
import { ApiError } from '../openai/api-error.ts';

/**
 * Refuses clients outside of `ranges` (CIDR) with 403 before their key is looked at; without ranges no one is refused. This machine
 * itself always has access: the probe needs it, and whoever is here can read the site's key anyway.
 */
export function checkClient(ranges: readonly string[], socket: Pick<Socket, 'remoteAddress' | 'localAddress'>): void {
  if (ranges.length === 0) return;
  const { remoteAddress = '', localAddress } = socket;
  if (remoteAddress !== '' && remoteAddress === localAddress) return;
  if (ranges.some((range) => isInRange(remoteAddress, range))) return;
  throw new ApiError('This client address is not allowed here.', {
    status: 403,
    type: 'permission_error',
    code: 'client_not_allowed',
    mayRetry: false,
  });
}
