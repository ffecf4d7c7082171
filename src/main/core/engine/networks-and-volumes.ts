import type Docker from 'dockerode';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Engine } from './connect-engine.ts';
import { isOurs, labelKeys, siteFilter } from './labels.ts';
import { translateEngineError } from './translate-error.ts';

/** A network as wanted; an internal one has no way out. */
export interface NetworkSpec {
  site: string;
  name: string;
  internal: boolean;
  /** `172.31.255.0/28`; without it the engine chooses. */
  subnet?: string;
}

/** How a wanted network stands in the engine. */
export type NetworkState = 'absent' | 'foreign' | 'as-wanted' | 'different';

/** Looks for a wanted network by its name. */
export async function networkState(engine: Engine, spec: NetworkSpec): Promise<NetworkState> {
  return attempt(engine, `look for the network ${spec.name}`, async () => {
    const named = await findNetwork(engine, spec.name);
    if (!named) return 'absent';
    if (!isOurs(named.Labels, spec.site)) return 'foreign';
    return isAsWanted(named, spec) ? 'as-wanted' : 'different';
  });
}

/** How a wanted volume stands in the engine. */
export async function volumeState(
  engine: Engine,
  site: string,
  name: string,
): Promise<Exclude<NetworkState, 'different'>> {
  return attempt(engine, `look for the volume ${name}`, async () => {
    const named = await findVolume(engine, name);
    if (!named) return 'absent';
    return isOurs(named.Labels, site) ? 'as-wanted' : 'foreign';
  });
}

/** Makes a network, or keeps ours; refuses a foreign one of the same name. One that differs is made anew when nothing is on it. */
export async function ensureNetwork(engine: Engine, spec: NetworkSpec): Promise<'kept' | 'made' | 'made-anew'> {
  return attempt(engine, `make the network ${spec.name}`, async () => {
    const named = await findNetwork(engine, spec.name);
    if (named && !isOurs(named.Labels, spec.site))
      throw appError('engine.name-taken', { kind: 'network', name: spec.name });
    if (named && isAsWanted(named, spec)) return 'kept';
    if (named) await removeOwnNetwork(engine, spec.site, named.Id);
    await createNetwork(engine, spec);
    return named ? 'made-anew' : 'made';
  });
}

async function createNetwork(engine: Engine, spec: NetworkSpec): Promise<void> {
  try {
    await engine.docker.createNetwork({
      Name: spec.name,
      Driver: 'bridge',
      Internal: spec.internal,
      CheckDuplicate: true,
      ...(spec.subnet && { IPAM: { Driver: 'default', Config: [{ Subnet: spec.subnet }] } }),
      Labels: { [labelKeys.site]: spec.site },
    });
  } catch (thrown) {
    if (!/pool overlaps/i.test(String(thrown))) throw thrown;
    throw appError('engine.subnet-taken', { name: spec.name, subnet: spec.subnet ?? '' }, thrown);
  }
}

/** Makes a volume, or keeps ours; refuses a foreign one of the same name. */
export async function ensureVolume(engine: Engine, site: string, name: string): Promise<'kept' | 'made'> {
  return attempt(engine, `make the volume ${name}`, async () => {
    const named = await findVolume(engine, name);
    if (named && !isOurs(named.Labels, site)) throw appError('engine.name-taken', { kind: 'volume', name });
    if (named) return 'kept';
    await engine.docker.createVolume({ Name: name, Labels: { [labelKeys.site]: site } });
    return 'made';
  });
}

/** Removes every container, network and (unless kept) volume that carries the site's label, and nothing else; gives their names. */
export async function removeSiteObjects(
  engine: Engine,
  site: string,
  options: { keepVolumes: boolean },
): Promise<string[]> {
  return attempt(engine, `remove the parts of ${site}`, async () => {
    const removed: string[] = [];
    const filters = siteFilter(site);
    const networks = await engine.docker.listNetworks({ filters });
    for (const one of networks) await refuseForeignUsers(engine, site, one.Id);
    for (const one of await engine.docker.listContainers({ all: true, filters })) {
      await engine.docker.getContainer(one.Id).remove({ force: true, v: true });
      removed.push(`container ${(one.Names[0] ?? one.Id).replace(/^\//, '')}`);
    }
    for (const one of networks) {
      await engine.docker.getNetwork(one.Id).remove();
      removed.push(`network ${one.Name}`);
    }
    const volumes = options.keepVolumes
      ? []
      : ((await engine.docker.listVolumes({ filters: JSON.stringify(filters) })).Volumes ?? []);
    for (const one of volumes) {
      await engine.docker.getVolume(one.Name).remove();
      removed.push(`volume ${one.Name}`);
    }
    return removed;
  });
}

async function findNetwork(engine: Engine, name: string): Promise<Docker.NetworkInspectInfo | undefined> {
  const found = await engine.docker.listNetworks({ filters: { name: [`^${name}$`] } });
  return found.find((one) => one.Name === name);
}

function isAsWanted(found: Docker.NetworkInspectInfo, spec: NetworkSpec): boolean {
  const subnets = (found.IPAM?.Config ?? []).map((one) => one.Subnet);
  return Boolean(found.Internal) === spec.internal && (!spec.subnet || subnets.includes(spec.subnet));
}

/** Containers of the site keep a network from being removed; they are made anew on the new one. */
async function removeOwnNetwork(engine: Engine, site: string, id: string): Promise<void> {
  await refuseForeignUsers(engine, site, id);
  const filters = { ...siteFilter(site), network: [id] };
  for (const one of await engine.docker.listContainers({ all: true, filters }))
    await engine.docker.getContainer(one.Id).remove({ force: true });
  await engine.docker.getNetwork(id).remove();
}

/** Someone may have joined containers of their own: those are not touched. */
async function refuseForeignUsers(engine: Engine, site: string, network: string): Promise<void> {
  const found: Docker.NetworkInspectInfo = await engine.docker.getNetwork(network).inspect();
  const ours = await engine.docker.listContainers({ all: true, filters: siteFilter(site) });
  const users = Object.entries(found.Containers ?? {})
    .filter(([id]) => !ours.some((one) => one.Id === id))
    .map(([, one]) => one.Name);
  if (users.length > 0) throw appError('engine.network-in-use', { name: found.Name, users: users.sort() });
}

async function findVolume(engine: Engine, name: string): Promise<Docker.VolumeInspectInfo | undefined> {
  const { Volumes } = await engine.docker.listVolumes({ filters: JSON.stringify({ name: [name] }) });
  return (Volumes ?? []).find((one) => one.Name === name);
}

async function attempt<T>(engine: Engine, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw translateEngineError(thrown, { address: engine.address, doing, dataRoot: engine.dataRoot });
  }
}
