import { networkInterfaces } from 'node:os';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { connectEngine, type Engine, engineAddress } from '../../engine/connect-engine.ts';
import type { SiteMark } from '../../engine/labels.ts';
import type { NetworkSpec } from '../../engine/networks-and-volumes.ts';
import {
  gatewayNetwork,
  type LocalImage,
  modelNetwork,
  type PlannedContainer,
} from '../../engine/planned-container.ts';
import { addressIn, networkSubnet } from '../../engine/subnets.ts';
import { loadGatewayVariables } from '../../gitlab/eras-catalog.ts';
import { addressFamily, isLoopback, isWildcard } from '../../http/network-host.ts';
import { usesContainers } from '../../sites/container-rules.ts';
import type { ModelWeights } from '../../store/find-model.ts';
import type { ContainerFile } from './container-file.ts';
import { containerFindings } from './container-findings.ts';
import { findImage } from './find-image.ts';
import { gatewayContainer } from './gateway-container.ts';
import { readGatewayFiles } from './gateway-files.ts';
import { type Hardening, hardened, loadHardening } from './hardening.ts';
import { hostsEntry } from './hosts-entry.ts';
import { type LogFolder, logFolderOf } from './log-folder.ts';
import { type ObsoleteContainer, obsoleteContainers } from './obsolete-containers.ts';
import type { OllamaModel } from './ollama-model.ts';
import { type ContainerPlanFacts, type PlannedModel, planModelServers, type VllmSpread } from './plan-model-server.ts';

/** Everything that a site needs in the container engine. */
export interface ContainerPlan {
  engine: Engine;
  mark: SiteMark;
  images: LocalImage[];
  networks: NetworkSpec[];
  volumes: string[];
  files: ContainerFile[];
  /** Model servers: they start before the service's front. */
  models: PlannedContainer[];
  /** The models that Ollama's containers make from the weights. */
  ollamaModels: OllamaPlan[];
  gateway?: PlannedContainer;
  /** Where the gateway writes its log, if not to its output. */
  logFolder?: LogFolder;
  /** The base URLs of model servers in containers for the front, by the model's part. */
  upstreamUrls: Record<string, string>;
  /** How each vLLM is spread over GPUs, by the model's part. */
  vllm: Record<string, VllmSpread>;
  /** Where the front listens. */
  frontHost: string;
  /** Where the gateway's container asks from. */
  gatewaySubnet?: string;
  /** Containers of earlier deployments that the site no longer needs. */
  obsolete: ObsoleteContainer[];
  findings: Finding[];
}

/** A model that Ollama makes, the container that serves it, and its volumes. */
export interface OllamaPlan {
  server: PlannedContainer;
  volumes: string[];
  ollamaModel: OllamaModel;
}

/**
 * Plans the containers of a site and inspects the engine without changing anything; null for a site without containers that never
 * used an engine (`usedEngines`, the latest last). Throws when the engine does not answer, an image is missing, or no GPU is
 * available.
 */
export async function planContainers(
  site: SiteFile,
  usedEngines: string[],
  facts: ContainerPlanFacts & { models: readonly ModelWeights[] },
): Promise<ContainerPlan | null> {
  const address = usesContainers(site) ? engineAddress(site.engineHost) : usedEngines.at(-1);
  if (address === undefined) return null;
  const engine = await connectEngine(address);
  const { mark } = facts;
  const rows = await loadHardening(facts.resources);
  const gateway = site.gateway.kind === 'container' ? await planGateway(site, engine, facts) : undefined;
  const takenSubnets = gateway ? [gateway.subnet] : [];
  const planned = await planModelServers(site, facts.models, engine, { ...facts, takenSubnets });
  const servers = (planned?.servers ?? []).map((one) => withHardened(one, rows, engine));
  const models = servers.flatMap((one) => one.server.containers);
  const ownGateway = gateway && hardened(gateway.container, rows, engine);
  const wanted = [...models, ...(ownGateway ? [ownGateway] : [])];
  const { logFolder } = site.gateway;
  const images = onceEach([...servers.flatMap((one) => one.images), ...(gateway ? [gateway.image] : [])], 'reference');
  const parts = wanted.map((one) => one.spec.part);
  const earlier = await obsoleteContainers(engine, mark, parts, usedEngines);
  const simulated = images.find((one) => one.simulated);
  if (simulated && !site.gitlab.simulated) throw appError('site.simulated-image', { reference: simulated.reference });
  return {
    engine,
    mark,
    images,
    networks: [
      ...(planned ? [{ ...mark, name: modelNetwork(site.name), internal: true, subnet: planned.subnet }] : []),
      ...(gateway ? [{ ...mark, name: gatewayNetwork(site.name), internal: false, subnet: gateway.subnet }] : []),
    ],
    volumes: servers.flatMap((one) => one.volumes),
    files: onceEach([...servers.flatMap((one) => one.files), ...(gateway?.files ?? [])], 'path'),
    models,
    ollamaModels: servers.flatMap(ollamaPlan),
    ...(ownGateway && { gateway: ownGateway }),
    upstreamUrls: Object.fromEntries(servers.map(({ part, server }) => [part, server.upstreamUrl])),
    vllm: Object.fromEntries(servers.flatMap(({ part, vllm }) => (vllm ? [[part, vllm]] : []))),
    frontHost: gateway?.frontHost ?? site.front.host,
    ...(gateway && { gatewaySubnet: gateway.subnet }),
    ...(gateway && logFolder && { logFolder: logFolderOf(logFolder, gateway.image, engine, rows) }),
    obsolete: earlier.obsolete,
    findings: [
      ...containerFindings(site, engine),
      ...servers.flatMap((one) => one.findings ?? []),
      ...earlier.findings,
    ],
  };
}

function withHardened(one: PlannedModel, rows: readonly Hardening[], engine: Engine): PlannedModel {
  const containers = one.server.containers.map((planned) => hardened(planned, rows, engine));
  return { ...one, server: { ...one.server, containers } };
}

/** Models may share an image, or files with the same content. */
function onceEach<K extends string, T extends Record<K, string>>(all: readonly T[], key: K): T[] {
  return [...new Map(all.map((one) => [one[key], one])).values()];
}

function ollamaPlan({ server, volumes, ollamaModel }: PlannedModel): OllamaPlan[] {
  const container = server.containers.find((one) => one.role === 'ollama');
  return container && ollamaModel ? [{ server: container, volumes, ollamaModel }] : [];
}

async function planGateway(
  site: SiteFile,
  engine: Engine,
  { store, resources, paths, mark }: Pick<ContainerPlanFacts, 'store' | 'resources' | 'paths' | 'mark'>,
): Promise<{
  image: LocalImage;
  container: PlannedContainer;
  files: ContainerFile[];
  subnet: string;
  frontHost: string;
}> {
  const certificates = await readGatewayFiles(site, paths);
  const image = await findImage(engine, store, site.gateway.image ?? '');
  const network = { ...mark, name: gatewayNetwork(site.name), asked: site.gateway.subnet };
  const subnet = await networkSubnet(engine, network, []);
  const own = addressIn(subnet, 1);
  const front = frontPlace(site.front.host, engine, own);
  const container = gatewayContainer(site, {
    image,
    variables: await loadGatewayVariables(resources),
    frontAddress: front.address,
    gitlabAddress: await hostsEntry(new URL(site.gitlab.url).hostname),
    certificates,
  });
  return { image, container, files: certificates.files, subnet, frontHost: front.host };
}

/**
 * Where the front listens, and the address by which the gateway's container reaches it: by default this machine's end of the
 * gateway's network. Throws `engine.front-apart` when this machine has no end of it and the site file names no address.
 */
function frontPlace(host: string, engine: Engine, bridge: string): { host: string; address: string } {
  const isAddress = addressFamily(host) !== 0 && !isWildcard(host) && !isLoopback(host);
  if (isAddress) return { host, address: host };
  if (engine.bridges !== 'never') return { host: isLoopback(host) ? bridge : host, address: bridge };
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const addresses = own.filter((one) => one.family === 'IPv4' && !one.internal).map((one) => one.address);
  throw appError('engine.front-apart', { host, engine: engine.address, addresses });
}
