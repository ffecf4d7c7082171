import { z } from 'zod';
import type { Engine } from './connect-engine.ts';
import { labelKeys, type SiteMark, siteFilter } from './labels.ts';
import { wasOutOfMemory } from './out-of-memory.ts';
import { translateEngineError } from './translate-error.ts';

/** A container of a site as the engine shows it. */
export interface SiteContainer {
  id: string;
  name: string;
  part: string;
  image: string;
  simulated: boolean;
  /** The engine's own term: `running`, `exited`, `restarting`, `paused`, `created`, `dead`. */
  status: string;
  exitCode: number;
  outOfMemory: boolean;
  restarts: number;
  startedAt: string;
  limitBytes: number;
  /** The names of the networks that it is on. */
  networks: string[];
  host?: string;
  port?: number;
}

/** Returns every container with the site's labels, sorted by name. */
export async function siteContainers(engine: Engine, mark: SiteMark): Promise<SiteContainer[]> {
  try {
    const list = await engine.docker.listContainers({ all: true, filters: siteFilter(mark) });
    const found = await Promise.all(list.map((one) => inspect(engine, one.Id)));
    return found.filter((one) => one !== undefined).sort((a, b) => a.name.localeCompare(b.name));
  } catch (thrown) {
    throw translateEngineError(thrown, { address: engine.address, doing: `list the containers of ${mark.site}` });
  }
}

async function inspect(engine: Engine, id: string): Promise<SiteContainer | undefined> {
  const found = await engine.docker
    .getContainer(id)
    .inspect()
    .catch((thrown: { statusCode?: number }) => {
      // It was removed after it was listed.
      if (thrown.statusCode === 404) return undefined;
      throw thrown;
    });
  if (!found) return undefined;
  const { State: state, HostConfig: host, Config: config } = found;
  const [first] = published(host.PortBindings);
  return {
    id: found.Id,
    name: found.Name.replace(/^\//, ''),
    part: config.Labels[labelKeys.part] ?? '',
    image: found.Image,
    simulated: config.Labels[labelKeys.simulated] === 'true',
    status: state.Status,
    exitCode: state.ExitCode,
    outOfMemory:
      state.OOMKilled ||
      ((!state.Running || state.Restarting) && (await wasOutOfMemory(engine, found.Id, new Date(state.FinishedAt)))),
    restarts: found.RestartCount,
    startedAt: state.StartedAt,
    limitBytes: host.Memory ?? 0,
    networks: Object.keys(found.NetworkSettings.Networks ?? {}),
    ...(first?.HostPort && { host: first.HostIp || '0.0.0.0', port: Number(first.HostPort) }),
  };
}

/** Bindings by the container's port, lowest first. */
function published(bindings: unknown): { HostIp?: string; HostPort?: string }[] {
  const rows = Object.entries((bindings ?? {}) as Record<string, { HostIp?: string; HostPort?: string }[] | null>);
  return rows.sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).flatMap(([, list]) => list ?? []);
}

const stats = z.object({
  memory_stats: z.object({
    usage: z.number().optional(),
    stats: z.record(z.string(), z.unknown()).optional(),
  }),
});

/** Returns the memory that a running container uses, without reclaimable page cache, as `docker stats` counts it. */
export async function memoryBytes(engine: Engine, id: string): Promise<number | undefined> {
  const answer = await engine.docker
    .getContainer(id)
    .stats({ stream: false, 'one-shot': true } as { stream: false })
    .catch(() => undefined);
  const read = stats.safeParse(answer);
  if (!read.success) return undefined;
  const { usage, stats: rows = {} } = read.data.memory_stats;
  const cache = rows.inactive_file ?? rows.total_inactive_file ?? 0;
  return usage === undefined ? undefined : Math.max(0, usage - Number(cache));
}
