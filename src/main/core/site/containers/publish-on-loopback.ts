import { appError } from '../../../../shared/errors/app-error.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import type { SiteMark } from '../../engine/labels.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { siteContainers } from '../../engine/site-containers.ts';
import { listenProblem } from '../../processes/port-owner.ts';
import type { PlannedModelServer } from '../../serving/containers/model-container.ts';

const host = '127.0.0.1';
const firstPort = 28_000;
const lastPort = 28_999;

/**
 * Publishes the ports of a model server on this machine's loopback, for an engine whose networks it cannot reach. An existing
 * container keeps its port. Throws `engine.no-port`.
 */
export async function publishOnLoopback(
  { containers, upstreamUrl }: PlannedModelServer,
  engine: Engine,
  mark: SiteMark,
): Promise<PlannedModelServer> {
  const existing = await siteContainers(engine, mark);
  const taken = new Set(existing.map((one) => one.port));
  const published: PlannedContainer[] = [];
  let upstream = upstreamUrl;
  for (const one of containers) {
    const inside = new URL(one.health.url);
    const own = existing.find(({ part, port }) => part === one.spec.part && port !== undefined)?.port;
    const port = own ?? (await freePort(taken));
    taken.add(port);
    const here = (url: string) => url.replace(`//${inside.host}/`, `//${host}:${port}/`);
    const ports = [{ containerPort: Number(inside.port), hostIp: host, hostPort: port }];
    const note = `every user of this machine can reach it at ${host}:${port}`;
    published.push({
      ...one,
      spec: { ...one.spec, ports },
      health: { ...one.health, url: here(one.health.url) },
      notes: [...(one.notes ?? []), note],
    });
    upstream = here(upstream);
  }
  return { containers: published, upstreamUrl: upstream };
}

async function freePort(taken: ReadonlySet<number | undefined>): Promise<number> {
  for (let port = firstPort; port <= lastPort; port += 1)
    if (!taken.has(port) && !(await listenProblem(host, port))) return port;
  throw appError('engine.no-port', { host, firstPort, lastPort });
}
