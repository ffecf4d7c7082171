import type { kubernetes } from '../../../shared/contract/kubernetes.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { CorePorts } from '../ports.ts';
import { renderRelease } from './render-release.ts';

/** Implements the contract's area `kubernetes`. */
export function kubernetesHandlers(ports: CorePorts): AreaHandlers<typeof kubernetes> {
  return { render: (wish) => renderRelease(ports, wish) };
}
