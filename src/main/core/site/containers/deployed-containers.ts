import type { z } from 'zod';
import type { deployed, plannedContainer } from '../../../../shared/contract/site.ts';
import { siteFilter } from '../../engine/labels.ts';
import type { Step } from '../step.ts';
import type { ContainerPlan } from './plan-containers.ts';

type Deployed = z.infer<typeof deployed>;

/** The container of a step as the plan shows it; undefined for other steps. */
export function plannedDetail(step: Step): z.infer<typeof plannedContainer> | undefined {
  if (step.kind !== 'container' || step.run !== 'ensure') return undefined;
  const { spec, reference } = step.planned;
  const hidden = spec.secretEnv.map((variable) => [variable, '[hidden]']);
  const { name, imageId, command, networks, ports, mounts, extraHosts, memoryBytes, cpus, gpu } = spec;
  return {
    name,
    image: reference,
    imageId,
    env: { ...spec.env, ...Object.fromEntries(hidden) },
    networks,
    ports,
    mounts,
    extraHosts,
    ...(command && { command }),
    ...(memoryBytes && { memoryBytes }),
    ...(cpus && { cpus }),
    ...(gpu && { gpu: gpu.kind }),
  };
}

/** What a deployment writes down of the engine: containers with the IDs that they have now, networks and volumes. */
export async function deployedContainers(
  plan: ContainerPlan,
): Promise<Pick<Deployed, 'engine' | 'containers' | 'networks' | 'volumes'>> {
  const { engine, mark, models, gateway, networks, volumes } = plan;
  const wanted = [...models, ...(gateway ? [gateway] : [])];
  const running = await engine.docker.listContainers({ filters: siteFilter(mark) });
  return {
    engine: { address: engine.address, version: engine.version },
    containers: wanted.map(({ spec, reference }) => ({
      name: spec.name,
      part: spec.part,
      id: running.find((one) => one.Names.includes(`/${spec.name}`))?.Id ?? '',
      image: reference,
      imageId: spec.imageId,
      ports: spec.ports,
      simulated: spec.simulated,
    })),
    networks: networks.map(({ name, internal, subnet }) => ({ name, internal, ...(subnet && { subnet }) })),
    volumes,
  };
}
