import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type Docker from 'dockerode';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Engine } from './connect-engine.ts';
import { isOurs, type SiteMark } from './labels.ts';
import { translateEngineError } from './translate-error.ts';

const size = 16;
/** Ends of the private ranges, which neither Docker's default pools nor most networks use. */
const ranges = ['172.31.255.0', '192.168.255.0', '10.255.255.0'];

/** Returns the n-th address of a subnet; 1 is the engine's end of the bridge. */
export function addressIn(subnet: string, n: number): string {
  return text(block(subnet).first + n);
}

/** Returns the first /28 at the ends of the private ranges that overlaps no used subnet (`address/bits`); undefined if all overlap. */
export function freeSubnet(taken: string[]): string | undefined {
  const blocks = taken.filter((one) => /^\d+(\.\d+){3}\/\d+$/.test(one)).map(block);
  for (const range of ranges) {
    const start = number(range);
    for (let first = start; first < start + 256; first += size) {
      const last = first + size - 1;
      if (blocks.every((one) => one.last < first || one.first > last)) return `${text(first)}/28`;
    }
  }
  return undefined;
}

/**
 * Returns the subnet for a network of a site: the site file's, otherwise that of our existing network, otherwise a free one.
 * Throws `engine.no-subnet`.
 */
export async function networkSubnet(
  engine: Engine,
  network: SiteMark & { name: string; asked: string | undefined },
  alsoTaken: string[],
): Promise<string> {
  if (network.asked) return network.asked;
  const networks = await listNetworks(engine);
  const own = networks.find((one) => one.Name === network.name && isOurs(one.Labels, network));
  const has = own?.IPAM?.Config?.[0]?.Subnet;
  if (has && /\/28$/.test(has)) return has;
  const free = freeSubnet([...(await takenSubnets(engine)), ...alsoTaken]);
  if (!free) throw appError('engine.no-subnet', { tried: ranges.map((range) => `${range}/24`) });
  return free;
}

/** Returns every IPv4 subnet of the engine's networks, this machine's interfaces and its routes, except default routes. */
export async function takenSubnets(engine: Engine): Promise<string[]> {
  const ofEngine = (await listNetworks(engine)).flatMap((one) =>
    (one.IPAM?.Config ?? []).map((config) => config.Subnet ?? ''),
  );
  const ofMachine = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.cidr ?? ''));
  const routes = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return [...ofEngine, ...ofMachine, ...routeSubnets(routes)];
}

/** The destinations of `/proc/net/route` (addresses and masks in hex, bytes reversed) without the default route. */
export function routeSubnets(table: string): string[] {
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
    .flatMap(([, to = '', , , , , , mask = '']) => {
      const bits = [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === '1').length;
      return /^[\dA-F]{8}$/.test(to) && bits > 0 ? [`${reversed(to)}/${bits}`] : [];
    });
}

function listNetworks({ docker, address }: Engine): Promise<Docker.NetworkInspectInfo[]> {
  return docker.listNetworks().catch((thrown) => {
    throw translateEngineError(thrown, { address, doing: 'list the networks' });
  });
}

function reversed(hex: string): string {
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}

function block(subnet: string): { first: number; last: number } {
  const [address = '', bits = '32'] = subnet.split('/');
  const count = 2 ** (32 - Number(bits));
  const first = Math.floor(number(address) / count) * count;
  return { first, last: first + count - 1 };
}

function number(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function text(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
