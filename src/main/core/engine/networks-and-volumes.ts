import { appError } from '../../../shared/errors/app-error.ts';
import type { Engine } from './connect-engine.ts';
import { isOurs, labelKeys, siteFilter } from './labels.ts';
import { translateEngineError } from './translate-error.ts';

/** A network as wanted; an internal one has no way out. */
export interface NetworkSpec {
  site: string;
  name: string;
  internal: boolean;
}

/** Makes a network, or keeps ours; refuses a foreign one of the same name. One that differs is made anew when nothing is on it. */
export async function ensureNetwork(engine: Engine, spec: NetworkSpec): Promise<'kept' | 'made' | 'made-anew'> {
  return attempt(engine, `make the network ${spec.name}`, async () => {
    const named = (await engine.docker.listNetworks({ filters: { name: [`^${spec.name}$`] } })).find(
      (one) => one.Name === spec.name,
    );
    if (named && !isOurs(named.Labels, spec.site))
      throw appError('engine.name-taken', { kind: 'network', name: spec.name });
    if (named && Boolean(named.Internal) === spec.internal) return 'kept';
    if (named) await engine.docker.getNetwork(named.Id).remove();
    await engine.docker.createNetwork({
      Name: spec.name,
      Driver: 'bridge',
      Internal: spec.internal,
      CheckDuplicate: true,
      Labels: { [labelKeys.site]: spec.site },
    });
    return named ? 'made-anew' : 'made';
  });
}

/** Makes a volume, or keeps ours; refuses a foreign one of the same name. */
export async function ensureVolume(engine: Engine, site: string, name: string): Promise<'kept' | 'made'> {
  return attempt(engine, `make the volume ${name}`, async () => {
    const { Volumes } = await engine.docker.listVolumes({ filters: JSON.stringify({ name: [name] }) });
    const named = (Volumes ?? []).find((one) => one.Name === name);
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
    for (const one of await engine.docker.listContainers({ all: true, filters })) {
      await engine.docker.getContainer(one.Id).remove({ force: true, v: true });
      removed.push(`container ${(one.Names[0] ?? one.Id).replace(/^\//, '')}`);
    }
    for (const one of await engine.docker.listNetworks({ filters })) {
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

async function attempt<T>(engine: Engine, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw translateEngineError(thrown, { address: engine.address, doing, dataRoot: engine.dataRoot });
  }
}
