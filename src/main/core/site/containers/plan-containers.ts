import { isIP } from 'node:net';
import type { VllmParallel } from '../../../../shared/contract/model-serving.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { connectEngine, type Engine, engineAddress } from '../../engine/connect-engine.ts';
import { findImage } from '../../engine/find-image.ts';
import type { SiteMark } from '../../engine/labels.ts';
import type { NetworkSpec } from '../../engine/networks-and-volumes.ts';
import {
  gatewayNetwork,
  type LocalImage,
  modelNetwork,
  type PlannedContainer,
} from '../../engine/planned-container.ts';
import { addressIn, networkSubnet } from '../../engine/subnets.ts';
import { gatewayContainer } from '../../gateway/gateway-container.ts';
import { loadGatewayVariables } from '../../gitlab/eras-catalog.ts';
import { hasModelContainer, usesContainers } from '../container-rules.ts';
import { isLoopback, isWildcard } from '../host-kind.ts';
import { containerFindings } from './container-findings.ts';
import { hostsEntry } from './hosts-entry.ts';
import { type ObsoleteContainer, obsoleteContainers } from './obsolete-containers.ts';
import type { OllamaModel } from './ollama-model.ts';
import { type ContainerFile, type ContainerPlanFacts, planModelServer } from './plan-model-server.ts';

/** Everything that a site has in the container engine. */
export interface ContainerPlan {
  engine: Engine;
  mark: SiteMark;
  images: LocalImage[];
  networks: NetworkSpec[];
  volumes: string[];
  files: ContainerFile[];
  /** Model servers: they are there before the service's front. */
  models: PlannedContainer[];
  /** What Ollama shall make of the weights. */
  ollamaModel?: OllamaModel;
  gateway?: PlannedContainer;
  /** Where the front of the service finds its model server, when that is a container. */
  upstreamUrl?: string;
  /** How vLLM is spread over GPUs. */
  parallel?: VllmParallel;
  /** Where the front listens. */
  frontHost: string;
  /** Containers of earlier deployments that the site does not want any more. */
  obsolete: ObsoleteContainer[];
  findings: Finding[];
}

/**
 * Works out the containers of a site and looks at the engine, changing nothing; null for a site without containers that never used
 * an engine (`usedEngines`, the latest last). Throws when the engine does not answer, an image is not there, or no GPU can be given.
 */
export async function planContainers(
  site: SiteFile,
  usedEngines: string[],
  facts: Omit<ContainerPlanFacts, 'takenSubnets'>,
): Promise<ContainerPlan | null> {
  const address = usesContainers(site) ? engineAddress(site.engineHost) : usedEngines.at(-1);
  if (address === undefined) return null;
  const engine = await connectEngine(address);
  const { mark } = facts;
  const gateway = site.gateway.kind === 'container' ? await planGateway(site, engine, facts) : undefined;
  const takenSubnets = gateway ? [gateway.subnet] : [];
  const model = hasModelContainer(site) ? await planModelServer(site, engine, { ...facts, takenSubnets }) : undefined;
  const models = model?.server.containers ?? [];
  const wanted = [...models, ...(gateway ? [gateway.container] : [])];
  const images = [...(model?.images ?? []), ...(gateway ? [gateway.image] : [])];
  const parts = wanted.map((one) => one.spec.part);
  const earlier = await obsoleteContainers(engine, mark, parts, usedEngines);
  const simulated = images.find((one) => one.simulated);
  if (simulated && !site.gitlab.simulated) throw appError('site.simulated-image', { reference: simulated.reference });
  return {
    engine,
    mark,
    images,
    networks: [
      ...(model ? [{ ...mark, name: modelNetwork(site.name), internal: true, subnet: model.subnet }] : []),
      ...(gateway ? [{ ...mark, name: gatewayNetwork(site.name), internal: false, subnet: gateway.subnet }] : []),
    ],
    volumes: model?.volumes ?? [],
    files: model?.files ?? [],
    models,
    ...(model?.ollamaModel && { ollamaModel: model.ollamaModel }),
    ...(gateway && { gateway: gateway.container }),
    ...(model && { upstreamUrl: model.server.upstreamUrl }),
    ...(model?.parallel && { parallel: model.parallel }),
    frontHost: gateway?.frontHost ?? site.front.host,
    obsolete: earlier.obsolete,
    findings: [...containerFindings(site, engine), ...(model?.findings ?? []), ...earlier.findings],
  };
}

async function planGateway(
  site: SiteFile,
  engine: Engine,
  { store, resources, mark }: Pick<ContainerPlanFacts, 'store' | 'resources' | 'mark'>,
): Promise<{ image: LocalImage; container: PlannedContainer; subnet: string; frontHost: string }> {
  const image = await findImage(engine, store, site.gateway.image ?? '');
  const network = { ...mark, name: gatewayNetwork(site.name), asked: site.gateway.subnet };
  const subnet = await networkSubnet(engine, network, []);
  const own = addressIn(subnet, 1);
  const { host } = site.front;
  const container = gatewayContainer(site, {
    image,
    variables: await loadGatewayVariables(resources),
    frontAddress: isIP(host) && !isWildcard(host) && !isLoopback(host) ? host : own,
    gitlabAddress: await hostsEntry(new URL(site.gitlab.url).hostname),
  });
  return { image, container, subnet, frontHost: isLoopback(host) ? own : host };
}
