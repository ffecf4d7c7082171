import { dirname } from 'node:path';
import { shortHex } from '../../../../shared/digest.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { type GpuAccess, gpuNames } from '../../engine/container-spec.ts';
import type { NetworkSpec } from '../../engine/networks-and-volumes.ts';
import type { LocalImage, PlannedContainer } from '../../engine/planned-container.ts';
import { urlHost } from '../../http/network-host.ts';
import { frontName } from '../../sites/front-name.ts';
import type { LogFolder } from '../containers/log-folder.ts';
import type { ObsoleteContainer } from '../containers/obsolete-containers.ts';
import type { ContainerPlan, OllamaPlan } from '../containers/plan-containers.ts';
import { type InEngine, type Step, step } from './step.ts';

/** The steps that containers add to a deployment, by the place where they belong. */
export interface ContainerSteps {
  /** Before anything else: obsolete containers would hold ports. */
  first: Step[];
  /** Ports that containers publish. */
  ports: Step[];
  folders: Step[];
  files: Step[];
  /** Before the service: its front needs the model server. */
  beforeService: Step[];
  /** After the front answers. */
  afterService: Step[];
}

/** Returns the steps for the containers of a site; all empty for a site without containers. */
export function containerSteps(site: SiteFile, plan: ContainerPlan | null): ContainerSteps {
  if (!plan) return { first: [], ports: [], folders: [], files: [], beforeService: [], afterService: [] };
  const { gateway } = plan;
  const isGatewayFirst = plan.engine.bridges === 'while-running';
  const gatewaySteps = gateway ? [ensureStep(gateway, plan)] : [];
  return {
    first: plan.obsolete.map(removeStep),
    ports: [...plan.models, ...(gateway ? [gateway] : [])].flatMap((one) => portSteps(one, plan)),
    folders: folderSteps(plan),
    files: plan.files.map(({ title, path, content }, at) =>
      step(`file.container-${at + 1}`, title, `${path}, mode 0644`, { kind: 'file', path, content, mode: 0o644 }),
    ),
    beforeService: [
      ...plan.images.map(imageStep),
      ...plan.networks.map((network) => networkStep(network, plan)),
      ...plan.volumes.map((volume) => volumeStep(volume, plan)),
      ...plan.models.map((one, at) => ensureStep(one, plan, site.models && plan.models.slice(at + 1))),
      ...plan.ollamaModels.map((one) => ollamaStep(one, plan, site.models === undefined)),
      ...(isGatewayFirst ? gatewaySteps : []),
    ],
    afterService: [...(isGatewayFirst ? [] : gatewaySteps), ...(gateway ? [reachStep(site, gateway, plan)] : [])],
  };
}

function removeStep({ engine, id, name }: ObsoleteContainer): Step {
  const title = 'Remove a container that the site no longer needs';
  return step(`obsolete.${name}`, title, name, { kind: 'container', run: 'remove', engine, containerId: id });
}

function portSteps({ title, spec }: PlannedContainer, containers: ContainerPlan): Step[] {
  const { part, ports, simulated } = spec;
  return ports.map(({ hostIp: host, hostPort: port, containerPort }) => {
    const what = `${urlHost(host)}:${port} to port ${containerPort} of the container`;
    const target = { kind: 'port' as const, host, port, part, containers };
    return step(`port.${part}-${containerPort}`, `Port for the ${title}`, what, target, simulated);
  });
}

function folderSteps({ files: [first], logFolder }: ContainerPlan): Step[] {
  // Containers run as users of their own, and must read what is mounted from here.
  const shared = first && { kind: 'folder' as const, path: dirname(first.path), mode: 0o755 };
  return [
    ...(shared ? [step('folder.containers', 'Folder for containers', `${shared.path}, mode 0755`, shared)] : []),
    ...(logFolder ? [logFolderStep(logFolder)] : []),
  ];
}

function logFolderStep(folder: LogFolder): Step {
  const what = `${folder.path}, mode 0750, of user ${folder.uid}; uninstall keeps it`;
  return step('folder.gateway-log', "Folder for the gateway's log", what, { kind: 'log-folder', folder });
}

function imageStep(image: LocalImage): Step {
  const what = `${image.reference} (${shortHex(image.imageId)})`;
  return step(`image.${image.reference}`, 'Image', what, { kind: 'image', image }, image.simulated);
}

function networkStep(network: NetworkSpec, { engine }: InEngine): Step {
  const { name, subnet, internal } = network;
  const title = internal ? 'Network without internet access' : 'Network of the gateway';
  const what = `${name}${subnet ? `, ${subnet}` : ''}${internal ? ', internal' : ''}`;
  return step(`network.${name}`, title, what, { kind: 'network', engine, network });
}

function volumeStep(volume: string, { engine, mark }: InEngine): Step {
  return step(`volume.${volume}`, 'Volume', volume, { kind: 'volume', engine, mark, volume });
}

/** `later` are the site's other model servers that start after this one. */
function ensureStep(
  planned: PlannedContainer,
  { engine, mark, networks: all }: ContainerPlan,
  later: PlannedContainer[] = [],
): Step {
  const { spec, reference } = planned;
  const what = [
    `${spec.name} of ${reference} (${shortHex(spec.imageId)})`,
    `on ${spec.networks.map((one) => one.name + (one.address ? ` as ${one.address}` : '')).join(', ')}`,
    ...(spec.memoryBytes ? [`at most ${(spec.memoryBytes / 1024 ** 3).toFixed(1)} GiB`] : []),
    ...(spec.cpus ? [`at most ${spec.cpus} CPUs`] : []),
    ...(spec.gpu ? [gpuText(spec.gpu)] : []),
    ...(planned.notes ?? []),
  ].join(', ');
  const networks = all.filter((network) => spec.networks.some((joined) => joined.name === network.name));
  const target = { kind: 'container' as const, run: 'ensure' as const, engine, mark, planned, networks, later };
  return step(`container.${spec.part}`, planned.title, what, target, spec.simulated);
}

function gpuText(gpu: GpuAccess): string {
  const own = gpuNames(gpu);
  return own ? `GPU ${own.join(' and ')} by ${gpu.kind}` : `GPUs by ${gpu.kind}`;
}

function ollamaStep({ server, volumes, ollamaModel }: OllamaPlan, { engine, mark }: InEngine, isOnly: boolean): Step {
  const what = `${ollamaModel.name}, from the weights of the store (a second copy in the volume)`;
  const target = { kind: 'container' as const, run: 'ollama-model' as const };
  const [id, title] = isOnly
    ? ['container.ollama-model', "Ollama's model"]
    : [`container.${server.spec.part}-weights`, `Ollama's model ${ollamaModel.name}`];
  return step(id, title, what, { ...target, engine, mark, server, volumes, ollamaModel });
}

function reachStep({ front }: SiteFile, planned: PlannedContainer, { engine, mark }: InEngine): Step {
  const url = `http://${frontName}:${front.port}/health`;
  const title = "Connection from the gateway's container to the front";
  const target = { kind: 'container' as const, run: 'reach-front' as const };
  return step('check.gateway-to-front', title, `GET ${url} inside ${planned.spec.name}`, {
    ...target,
    engine,
    mark,
    planned,
    url,
    port: front.port,
  });
}
