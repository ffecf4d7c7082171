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
 * Publishes the ports of model servers on this machine's loopback, for an engine whose networks it cannot reach. An existing container keeps
 * its port, and no port is given twice. Throws `engine.no-port`.
 */
export async function publishOnLoopback(
  servers: readonly PlannedModelServer[],
  engine: Engine,
  mark: SiteMark,
): Promise<PlannedModelServer[]> {
  const existing = await siteContainers(engine, mark);
  const taken = new Set(existing.flatMap((one) => one.port ?? []));
  const all: PlannedModelServer[] = [];
  for (const { containers, upstreamUrl } of servers) {
    const published: PlannedContainer[] = [];
    let upstream = upstreamUrl;
    for (const one of containers) {
      const own = existing.find(({ part, port }) => part === one.spec.part && port !== undefined)?.port;
      const port = own ?? (await freePort(taken));
      taken.add(port);
      const at = atPort(one, port);
      published.push(at.container);
      upstream = at.here(upstream);
    }
    all.push({ containers: published, upstreamUrl: upstream });
  }
  return all;
}

function atPort(one: PlannedContainer, port: number): { container: PlannedContainer; here: (url: string) => string } {
  const inside = new URL(one.health.url);
  const here = (url: string) => url.replace(`//${inside.host}/`, `//${host}:${port}/`);
  const ports = [{ containerPort: Number(inside.port), hostIp: host, hostPort: port }];
  const note = `every user of this machine can reach it at ${host}:${port}`;
  const container = {
    ...one,
    spec: { ...one.spec, ports },
    health: { ...one.health, url: here(one.health.url) },
    notes: [...(one.notes ?? []), note],
  };
  return { container, here };
}

async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (let port = firstPort; port <= lastPort; port += 1)
    if (!taken.has(port) && !(await listenProblem(host, port))) return port;
  throw appError('engine.no-port', { host, firstPort, lastPort });
}
