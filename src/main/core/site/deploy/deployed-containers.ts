import type { z } from 'zod';
import type { deployed, plannedContainer } from '../../../../shared/contract/site.ts';
import { gpuNames } from '../../engine/container-spec.ts';
import { siteFilter } from '../../engine/labels.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import type { ContainerPlan } from '../containers/plan-containers.ts';

type Deployed = z.infer<typeof deployed>;

/** A container as the plan shows it: with the names of its secrets, never their values. */
export function plannedDetail({ spec, reference }: PlannedContainer): z.infer<typeof plannedContainer> {
  const hidden = spec.secretEnv.map((variable) => [variable, '[hidden]']);
  const { name, imageId, command, networks, ports, mounts, extraHosts, memoryBytes, cpus, gpu } = spec;
  const own = gpu && gpuNames(gpu);
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
    ...(own && { gpus: own }),
  };
}

/** Returns what a deployment records of the engine: containers with their current IDs, networks and volumes. */
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
