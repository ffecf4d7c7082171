import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectEngine, type Engine, engineAddress } from '../../../src/main/core/engine/connect-engine.ts';
import { removeSiteObjects } from '../../../src/main/core/engine/networks-and-volumes.ts';
import { addressIn, freeSubnet, takenSubnets } from '../../../src/main/core/engine/subnets.ts';
import { freePorts } from '../../../src/main/core/rehearse/free-ports.ts';
import { freePort } from '../../fakes/site-stage.ts';
import { runSealift } from '../../run-sealift.ts';

/** A data folder and a site with a gateway in a container, deployed by the built command line. */
export interface ContainerStage {
  engine: Engine;
  home: string;
  site: string;
  siteFile: string;
  /** This machine's address in the gateway's network. */
  bridge: string;
  ports: { gitlab: number; http: number; grpc: number; front: number };
  /** Writes the site file; groups of fields are merged over the stage's own. */
  write(change?: Record<string, object>): Promise<void>;
  run(...args: string[]): ReturnType<typeof runSealift>;
  /** Removes the site and everything of it in the engine. */
  reset(): Promise<void>;
  /** Removes the folder too. */
  close(): Promise<void>;
}

/** Opens a stage; the model server is the given OpenAI-compatible one. */
export async function openContainerStage(site: string, image: string, upstream: number): Promise<ContainerStage> {
  const engine = await connectEngine(engineAddress(undefined));
  const home = await mkdtemp(join(tmpdir(), 'sealift-ctr-'));
  const [gitlab = 0, http = 0, grpc = 0] = await freePorts(3);
  const ports = { gitlab, http, grpc, front: await freePort() };
  const subnet = freeSubnet(await takenSubnets(engine)) ?? '';
  const bridge = addressIn(subnet, 1);
  const siteFile = join(home, 'site.yaml');
  const base = {
    sealift: 1,
    name: site,
    gitlab: { url: `http://${bridge}:${gitlab}`, version: '18.9', simulated: true },
    gateway: { kind: 'container', host: '127.0.0.1', httpPort: http, grpcPort: grpc, image, subnet },
    model: { engine: 'external', name: 'm', servedName: 'served', endpoint: `http://127.0.0.1:${upstream}/v1` },
    front: { port: ports.front },
  };
  const groups: Record<string, unknown> = base;
  const run: ContainerStage['run'] = (...args) => runSealift('--home', join(home, 'data'), '--json', ...args);
  const reset = async () => {
    await run('uninstall', '--site', site, '--yes');
    await removeSiteObjects(engine, site, { keepVolumes: false });
  };
  return {
    engine,
    home,
    site,
    siteFile,
    bridge,
    ports,
    run,
    write: (change = {}) => {
      const merged = Object.fromEntries(
        Object.entries({ ...base, ...change }).map(([group, value]) => [
          group,
          typeof value === 'object' ? { ...(groups[group] as object), ...value } : value,
        ]),
      );
      return writeFile(siteFile, stringify(merged));
    },
    reset,
    close: async () => {
      await reset();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Names of everything in the engine, in one line. */
export async function engineListing(engine: Engine, mark: string): Promise<string[]> {
  const [containers, networks, volumes] = await Promise.all([
    engine.docker.listContainers({ all: true }),
    engine.docker.listNetworks(),
    engine.docker.listVolumes(),
  ]);
  const names = [
    ...containers.map((one) => one.Names[0] ?? ''),
    ...networks.map((one) => one.Name),
    ...(volumes.Volumes ?? []).map((one) => one.Name),
  ];
  return names.filter((name) => name.includes(mark)).sort();
}
