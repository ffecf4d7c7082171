import { randomInt } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectEngine, type Engine, engineAddress } from '../../src/main/core/engine/connect-engine.ts';
import { removeSiteObjects } from '../../src/main/core/engine/networks-and-volumes.ts';
import { addressIn, takenSubnets } from '../../src/main/core/engine/subnets.ts';
import { freePorts } from '../../src/main/core/rehearse/free-ports.ts';
import { siteMark } from '../../src/main/core/sites/engine-owner.ts';
import { sitePaths } from '../../src/main/core/sites/site-paths.ts';
import { runHere } from '../run-here.ts';
import type { Run } from '../run-sealift.ts';
import { ImageStage } from './image-stage.ts';
import { writeTree } from './make-sources.ts';
import { placeKeys } from './site-keys.ts';
import { freePort } from './site-stage.ts';

/** A data folder and a site with a gateway in a container. */
export interface ContainerStage {
  engine: Engine;
  home: string;
  site: string;
  siteFile: string;
  /** This machine's address in the gateway's network. */
  bridge: string;
  /** A free range for the network of a model server. */
  modelSubnet: string;
  ports: { gitlab: number; http: number; grpc: number; front: number };
  /** Writes the site file; groups of fields are merged over the stage's own. */
  write(change?: Record<string, object | string>): Promise<void>;
  /** Runs a command with `--json` on the stage's data folder, in this process. A deployment finds its RSA keys there. */
  run(...args: string[]): Promise<Run>;
  /** Packs a model of these files and imports it, next to existing ones or in place of its namesake. */
  importModel(name: string, files: Record<string, Buffer | string>): Promise<void>;
  /** What the front answers to a chat with a model of that name; it listens on the bridge of a gateway's container. */
  askFront(model: string, host?: string): Promise<{ status: number; text: string }>;
  /** Removes the site and everything of it in the engine; the store stays. */
  removeSite(): Promise<void>;
  /** Removes the folder too. */
  close(): Promise<void>;
}

/** Opens a stage; the model server is the given OpenAI-compatible one. `address`: of another engine than the usual one. */
export async function openContainerStage(
  site: string,
  image: string,
  upstream: number,
  address?: string,
): Promise<ContainerStage> {
  const engine = await connectEngine(engineAddress(address));
  const home = await mkdtemp(join(tmpdir(), 'sealift-ctr-'));
  const [gitlab = 0, http = 0, grpc = 0] = await freePorts(3);
  const ports = { gitlab, http, grpc, front: await freePort() };
  const [subnet, modelSubnet] = await ownSubnets(engine);
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
  let media: ImageStage | undefined;
  let bundles = 0;
  const run: ContainerStage['run'] = async (...args) => {
    if (args[0] === 'deploy' && !args.includes('--plan')) await placeKeys(sitePaths(join(home, 'data/sites'), site));
    return runHere('--home', join(home, 'data'), '--json', ...args);
  };
  const removeSite = async () => {
    await run('uninstall', '--site', site, '--yes', '--keep-weights');
    const mark = await siteMark(sitePaths(join(home, 'data/sites'), site));
    await removeSiteObjects(engine, mark, { keepVolumes: false });
  };
  return {
    engine,
    home,
    site,
    siteFile,
    bridge,
    modelSubnet,
    ports,
    run,
    write: (change = {}) => {
      const merged = Object.fromEntries(
        Object.entries({ ...base, ...change }).map(([group, value]) => [
          group,
          typeof value === 'object' && !Array.isArray(value) ? { ...(groups[group] as object), ...value } : value,
        ]),
      );
      return writeFile(siteFile, stringify(merged));
    },
    removeSite,
    askFront: async (model, host = bridge) => {
      const key = (await readFile(join(home, 'data/sites', site, 'secrets/front-api-key'), 'utf8')).trim();
      const answer = await fetch(`http://${host}:${ports.front}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello?' }] }),
      });
      return { status: answer.status, text: await answer.text() };
    },
    importModel: async (name, files) => {
      media ??= await ImageStage.open(join(home, 'data'));
      bundles += 1;
      await writeTree(media.at(`source-${bundles}`), files);
      await media.pack([`{kind: model, name: ${name}, path: source-${bundles}, licence: none}`], [`medium-${bundles}`]);
      await media.import([`medium-${bundles}`]);
    },
    close: async () => {
      await removeSite();
      await media?.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Two ranges of this file's own: other test files make networks at the same time. */
async function ownSubnets(engine: Engine): Promise<[string, string]> {
  const range = `10.${randomInt(200, 250)}.${randomInt(256)}`;
  const taken = await takenSubnets(engine);
  return taken.some((one) => one.startsWith(`${range}.`)) ? ownSubnets(engine) : [`${range}.0/28`, `${range}.16/28`];
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
