import type Docker from 'dockerode';
import { appError } from '../../../shared/errors/app-error.ts';
import type { Engine } from './connect-engine.ts';
import { isOurs, type Maker, makerOf, type SiteMark, siteFilter, siteLabels } from './labels.ts';
import { translateEngineError } from './translate-error.ts';

/** A wanted network. An internal one has no route to the outside. */
export interface NetworkSpec extends SiteMark {
  name: string;
  internal: boolean;
  /** For example `172.31.255.0/28`. If not set, the engine chooses. */
  subnet?: string;
}

/** State of a wanted network in the engine, with its `maker` if the name belongs to someone else. */
export type NetworkState = 'absent' | 'as-wanted' | 'different' | { maker: Maker };

/** Looks for a wanted network by its name. */
export async function networkState(engine: Engine, spec: NetworkSpec): Promise<NetworkState> {
  return attempt(engine, `look for the network ${spec.name}`, async () => {
    const named = await findNetwork(engine, spec.name);
    if (!named) return 'absent';
    if (!isOurs(named.Labels, spec)) return { maker: makerOf(named.Labels) };
    return isAsWanted(named, spec) ? 'as-wanted' : 'different';
  });
}

/** State of a wanted volume in the engine. */
export async function volumeState(
  engine: Engine,
  mark: SiteMark,
  name: string,
): Promise<Exclude<NetworkState, 'different'>> {
  return attempt(engine, `look for the volume ${name}`, async () => {
    const named = await findVolume(engine, name);
    if (!named) return 'absent';
    return isOurs(named.Labels, mark) ? 'as-wanted' : { maker: makerOf(named.Labels) };
  });
}

/** Creates a network or keeps ours. Refuses a foreign one with the same name. Recreates one that differs if nothing is attached to it. */
export async function ensureNetwork(engine: Engine, spec: NetworkSpec): Promise<'kept' | 'made' | 'recreated'> {
  return attempt(engine, `make the network ${spec.name}`, async () => {
    const named = await findNetwork(engine, spec.name);
    if (named && !isOurs(named.Labels, spec))
      throw appError('engine.name-taken', { kind: 'network', name: spec.name, maker: makerOf(named.Labels) });
    if (named && isAsWanted(named, spec)) return 'kept';
    if (named) await removeOwnNetwork(engine, spec, named.Id);
    await createNetwork(engine, spec);
    return named ? 'recreated' : 'made';
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
      Labels: siteLabels(spec),
    });
  } catch (thrown) {
    if (!/pool overlaps/i.test(String(thrown))) throw thrown;
    throw appError('engine.subnet-taken', { name: spec.name, subnet: spec.subnet ?? '' }, thrown);
  }
}

/** Creates a volume or keeps ours. Refuses a foreign one with the same name. */
export async function ensureVolume(engine: Engine, mark: SiteMark, name: string): Promise<'kept' | 'made'> {
  return attempt(engine, `make the volume ${name}`, async () => {
    const named = await findVolume(engine, name);
    if (named && !isOurs(named.Labels, mark))
      throw appError('engine.name-taken', { kind: 'volume', name, maker: makerOf(named.Labels) });
    if (named) return 'kept';
    await engine.docker.createVolume({ Name: name, Labels: siteLabels(mark) });
    return 'made';
  });
}

/** Removes every container, network and (unless kept) volume with the site's labels, and nothing else. Returns their names. */
export async function removeSiteObjects(
  engine: Engine,
  mark: SiteMark,
  options: { keepVolumes: boolean },
): Promise<string[]> {
  return attempt(engine, `remove the parts of ${mark.site}`, async () => {
    const removed: string[] = [];
    const filters = siteFilter(mark);
    const networks = await engine.docker.listNetworks({ filters });
    for (const one of networks) await refuseForeignUsers(engine, mark, one.Id);
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

/** Removes the site's containers from a network, so that it can be removed. They are recreated on the new one. */
async function removeOwnNetwork(engine: Engine, mark: SiteMark, id: string): Promise<void> {
  await refuseForeignUsers(engine, mark, id);
  const filters = { ...siteFilter(mark), network: [id] };
  for (const one of await engine.docker.listContainers({ all: true, filters }))
    await engine.docker.getContainer(one.Id).remove({ force: true, v: true });
  await engine.docker.getNetwork(id).remove();
}

/** Containers that someone else attached are not touched. */
async function refuseForeignUsers(engine: Engine, mark: SiteMark, network: string): Promise<void> {
  const found: Docker.NetworkInspectInfo = await engine.docker.getNetwork(network).inspect();
  const ours = await engine.docker.listContainers({ all: true, filters: siteFilter(mark) });
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
