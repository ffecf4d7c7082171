import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** Interfaces that a container engine or a hypervisor made: no other machine reaches this one by their addresses. */
const inside = /^(docker|br-|veth|virbr|vmnet|podman|cni|flannel|lxc)/;

/** Returns the IPv4 addresses by which other machines may reach this one, without those of networks inside it. */
export function ownAddresses(
  interfaces: NodeJS.Dict<Pick<NetworkInterfaceInfo, 'family' | 'internal' | 'address'>[]> = networkInterfaces(),
): string[] {
  return Object.entries(interfaces)
    .filter(([name]) => !inside.test(name))
    .flatMap(([, list]) => list ?? [])
    .filter((one) => one.family === 'IPv4' && !one.internal && !one.address.startsWith('169.254.'))
    .map((one) => one.address);
}
