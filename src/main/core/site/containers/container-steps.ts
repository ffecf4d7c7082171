import { dirname } from 'node:path';
import type { SiteFile } from '../../../../shared/site-file.ts';
import type { LocalImage, PlannedContainer } from '../../engine/planned-container.ts';
import { frontName } from '../../gateway/front-name.ts';
import type { Step } from '../step.ts';
import type { ContainerPlan } from './plan-containers.ts';

/** The steps that containers add to a deployment, by the place where they belong. */
export interface ContainerSteps {
  /** Before anything else: what is not wanted any more would hold ports. */
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

/** The steps for the containers of a site; all empty for a site without. */
export function containerSteps(site: SiteFile, plan: ContainerPlan | null): ContainerSteps {
  if (!plan) return { first: [], ports: [], folders: [], files: [], beforeService: [], afterService: [] };
  const { gateway } = plan;
  return {
    first: plan.obsolete.map(({ engine, id, name }) =>
      step('container', `obsolete.${name}`, 'Remove a container that the site does not want any more', name, {
        run: 'remove',
        engine,
        containerId: id,
      }),
    ),
    ports: [...plan.models, ...(gateway ? [gateway] : [])].flatMap(portSteps),
    folders: folderSteps(plan),
    files: plan.files.map((file, at) => ({
      ...step('file', `file.container-${at + 1}`, file.title, `${file.path}, mode 0644`, {}),
      kind: 'file' as const,
      path: file.path,
      content: file.content,
      mode: 0o644,
    })),
    beforeService: [
      ...plan.images.map(imageStep),
      ...plan.networks.map((network) =>
        step(
          'network',
          `network.${network.name}`,
          `Network ${network.internal ? 'without a way out' : 'of the gateway'}`,
          `${network.name}${network.subnet ? `, ${network.subnet}` : ''}${network.internal ? ', internal' : ''}`,
          { network },
        ),
      ),
      ...plan.volumes.map((volume) => step('volume', `volume.${volume}`, 'Volume', volume, { volume })),
      ...plan.models.map(ensureStep),
      ...ollamaSteps(plan),
    ],
    afterService: gateway ? [ensureStep(gateway), reachStep(site, gateway)] : [],
  };
}

function portSteps(planned: PlannedContainer): Step[] {
  const { part, ports, simulated } = planned.spec;
  return ports.map(({ hostIp, hostPort, containerPort }) => ({
    id: `port.${part}-${containerPort}`,
    title: `Port for the ${planned.title}`,
    kind: 'port',
    what: `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${hostPort} to port ${containerPort} of the container`,
    simulated,
    host: hostIp,
    port: hostPort,
    part,
  }));
}

function folderSteps(plan: ContainerPlan): Step[] {
  const [first] = plan.files;
  if (!first) return [];
  const path = dirname(first.path);
  // Containers run as users of their own, and must read what is mounted from here.
  return [
    {
      ...step('folder', 'folder.containers', 'Folder for containers', `${path}, mode 0755`, {}),
      kind: 'folder',
      path,
      mode: 0o755,
    },
  ];
}

function imageStep(image: LocalImage): Step {
  return {
    ...step('image', `image.${image.reference}`, 'Image', `${image.reference} (${shortId(image.imageId)})`, { image }),
    simulated: image.simulated,
  };
}

function ensureStep(planned: PlannedContainer): Step {
  const { spec, reference } = planned;
  const what = [
    `${spec.name} of ${reference} (${shortId(spec.imageId)})`,
    `on ${spec.networks.map((one) => one.name + (one.address ? ` as ${one.address}` : '')).join(', ')}`,
    ...(spec.memoryBytes ? [`at most ${(spec.memoryBytes / 1024 ** 3).toFixed(1)} GiB`] : []),
    ...(spec.cpus ? [`at most ${spec.cpus} CPUs`] : []),
    ...(spec.gpu ? [`GPUs by ${spec.gpu.kind}`] : []),
    ...(planned.notes ?? []),
  ].join(', ');
  return {
    ...step('container', `container.${spec.part}`, planned.title, what, { run: 'ensure', planned }),
    simulated: spec.simulated,
  };
}

function ollamaSteps({ models, ollamaModel }: ContainerPlan): Step[] {
  const server = models.find((one) => one.spec.part === 'ollama');
  if (!server || !ollamaModel) return [];
  const what = `${ollamaModel.name}, from the weights of the store (a second copy, in the volume)`;
  return [
    step('container', 'container.ollama-model', "Ollama's model", what, { run: 'ollama-model', server, ollamaModel }),
  ];
}

function reachStep(site: SiteFile, gateway: PlannedContainer): Step {
  const url = `http://${frontName}:${site.front.port}/health`;
  return step(
    'container',
    'check.gateway-to-front',
    "Way from the gateway's container to the front",
    `GET ${url} inside ${gateway.spec.name}`,
    {
      run: 'reach-front',
      planned: gateway,
      url,
      port: site.front.port,
    },
  );
}

function step(kind: string, id: string, title: string, what: string, target: object): Step {
  return { id, title, kind, what, simulated: false, ...target } as Step;
}

function shortId(imageId: string): string {
  return imageId.replace('sha256:', '').slice(0, 12);
}
