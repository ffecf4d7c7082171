import type Docker from 'dockerode';
import type { Engine } from './connect-engine.ts';
import { type ContainerSpec, specHash } from './container-spec.ts';
import { isOurs, labelKeys, type Maker, makerOf, siteFilter } from './labels.ts';
import { memoryLimit } from './memory-limit.ts';
import { translateEngineError } from './translate-error.ts';

/** State of a wanted container in the engine. */
export type ContainerState =
  | { kind: 'absent' }
  /** Someone else's container has this name. It is never touched. */
  | { kind: 'foreign'; name: string; maker: Maker }
  /** Ours, and as wanted. `name` differs from the wanted name if someone renamed it. */
  | { kind: 'running' | 'stopped'; id: string; name: string }
  /** Ours, but not as wanted. `why` lists the differences in words. */
  | { kind: 'changed'; id: string; name: string; why: string[] };

/** The difference of a container that was made with another key, or whose key is not known here. */
export const keyChanged = 'its key changed';

/** Looks for a wanted container of an owner by its labels, then by its name. */
export async function containerState(engine: Engine, spec: ContainerSpec, owner: string): Promise<ContainerState> {
  const mark = { site: spec.site, owner };
  const found = await findContainer(engine, spec, siteFilter(mark, spec.part));
  if (!found) return { kind: 'absent' };
  const name = found.Name.replace(/^\//, '');
  const { Labels: labels } = found.Config;
  if (!isOurs(labels, mark) || labels[labelKeys.part] !== spec.part)
    return { kind: 'foreign', name, maker: makerOf(labels) };
  const why = differences(found, spec, memoryLimit(engine) === 'yes');
  if (why.length > 0) return { kind: 'changed', id: found.Id, name, why };
  return { kind: found.State.Running && !found.State.Paused ? 'running' : 'stopped', id: found.Id, name };
}

async function findContainer(
  engine: Engine,
  spec: ContainerSpec,
  filters: ReturnType<typeof siteFilter>,
): Promise<Docker.ContainerInspectInfo | undefined> {
  const context = { address: engine.address, doing: `looking for the container ${spec.name}` };
  try {
    const [ours] = await engine.docker.listContainers({ all: true, filters });
    return await engine.docker.getContainer(ours?.Id ?? spec.name).inspect();
  } catch (thrown) {
    if ((thrown as { statusCode?: number }).statusCode === 404) return undefined;
    throw translateEngineError(thrown, context);
  }
}

/** Returns how our container differs from the wanted one. Only its surroundings can be changed by hand, its own settings cannot. */
function differences(found: Docker.ContainerInspectInfo, spec: ContainerSpec, hasLimits: boolean): string[] {
  const why: string[] = [];
  if (found.Config.Labels[labelKeys.spec] !== specHash(spec)) why.push(settingsReason(found, spec));
  if (found.Image !== spec.imageId) why.push('it runs another image');
  const name = found.Name.replace(/^\//, '');
  if (name !== spec.name) why.push(`it was renamed to ${name}`);
  if (found.HostConfig.RestartPolicy?.Name !== 'unless-stopped') why.push('its restart policy was changed');
  if (hasLimits && spec.memoryBytes && found.HostConfig.Memory !== spec.memoryBytes)
    why.push('its memory limit was changed');
  const joined = Object.keys(found.NetworkSettings.Networks);
  for (const wanted of spec.networks)
    if (!joined.includes(wanted.name)) why.push(`it was taken off the network ${wanted.name}`);
  for (const one of joined)
    if (!spec.networks.some((wanted) => wanted.name === one)) why.push(`it was joined to the network ${one}`);
  return why;
}

/** Returns whether only a key changed: with the container's own keys, its settings would be as wanted. */
function settingsReason({ Config }: Docker.ContainerInspectInfo, spec: ContainerSpec): string {
  const given = Object.fromEntries(
    (Config.Env ?? []).flatMap((line) => {
      const [name = '', ...value] = line.split('=');
      return spec.secretEnv.includes(name) ? [[name, value.join('=')] as const] : [];
    }),
  );
  const isOnlyKeys = Config.Labels[labelKeys.spec] === specHash({ ...spec, env: { ...spec.env, ...given } });
  return isOnlyKeys ? keyChanged : 'it was made from other settings';
}
