import type { Engine } from '../../../shared/machine.ts';

/** Whether an engine can limit the memory of its containers, or what it lacks for that. */
export type MemoryLimit = 'yes' | 'kernel-support' | 'cgroup-v2' | 'delegation';

/** Returns whether an engine runs without root, by its answer to `/info`; Podman and Docker state it differently. */
export function isRootless(info: { Rootless?: unknown; SecurityOptions?: unknown }): boolean {
  const options = Array.isArray(info.SecurityOptions) ? info.SecurityOptions : [];
  return info.Rootless === true || options.some((one) => String(one).includes('name=rootless'));
}

/** Returns whether an engine can limit memory. One that cannot starts containers without the limit. */
export function memoryLimit({ info }: { info: Record<string, unknown> }): MemoryLimit {
  return memoryLimitOf({
    isRootless: isRootless(info),
    cgroupVersion: String(info.CgroupVersion),
    canLimitMemory: info.MemoryLimit !== false,
  });
}

/** Judges the same by the facts about a machine's engine; a fact that is unknown counts as no obstacle. */
export function memoryLimitOf(facts: Pick<Engine, 'isRootless' | 'cgroupVersion' | 'canLimitMemory'>): MemoryLimit {
  // Rootless Podman 4.3 claims the limit on cgroup v1, and drops it.
  if (facts.isRootless === true && facts.cgroupVersion === '1') return 'cgroup-v2';
  if (facts.canLimitMemory !== false) return 'yes';
  return facts.isRootless === true ? 'delegation' : 'kernel-support';
}

/** What makes an engine limit memory, by what it lacks. */
export const memoryLimitSteps: Record<Exclude<MemoryLimit, 'yes'>, string> = {
  'kernel-support': 'Boot Linux with cgroup_enable=memory, or with cgroup v2 (systemd.unified_cgroup_hierarchy=1).',
  'cgroup-v2': 'Boot Linux with cgroup v2 (systemd.unified_cgroup_hierarchy=1), or use an engine that runs as root.',
  delegation:
    'Delegate the memory controller to users: sudo systemctl edit user@.service, and write [Service] and Delegate=cpu memory pids. Log out and in again.',
};
