import type { ProbeContext } from './hop.ts';

type Simulated = Pick<ProbeContext, 'site' | 'simulatedParts'>;

/** True when the model server's container is a stand-in. */
export function hasSimulatedModel({ simulatedParts }: Simulated): boolean {
  return simulatedParts.some((part) => part !== 'gateway');
}

/** True for a stand-in of the gateway, as a process or as a container. */
export function hasSimulatedGateway({ site, simulatedParts }: Simulated): boolean {
  return site.gateway.kind === 'simulated' || simulatedParts.includes('gateway');
}

/** True when GitLab or the gateway is a stand-in. */
export function hasStandIn(context: Simulated): boolean {
  return context.site.gitlab.simulated || hasSimulatedGateway(context);
}
