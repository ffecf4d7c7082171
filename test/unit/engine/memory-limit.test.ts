import { describe, expect, it } from 'vitest';
import { memoryLimit } from '../../../src/main/core/engine/memory-limit.ts';

describe('whether an engine limits memory', () => {
  it.each([
    ['Docker', { MemoryLimit: true, CgroupVersion: '1', SecurityOptions: ['name=seccomp,profile=default'] }, 'yes'],
    ['Docker on a kernel without it', { MemoryLimit: false, CgroupVersion: '1' }, 'kernel-support'],
    ['Podman as root', { MemoryLimit: true, CgroupVersion: '1', Rootless: false }, 'yes'],
    // As Podman 4.3.1 answered: on cgroup v1 it claims the limit and drops it.
    ['rootless Podman on cgroup v1', { MemoryLimit: true, CgroupVersion: '1', Rootless: true }, 'cgroup-v2'],
    ['rootless Podman without delegation', { MemoryLimit: false, CgroupVersion: '2', Rootless: true }, 'delegation'],
    ['rootless Podman with delegation', { MemoryLimit: true, CgroupVersion: '2', Rootless: true }, 'yes'],
    [
      'rootless Docker without delegation',
      { MemoryLimit: false, CgroupVersion: '2', SecurityOptions: ['name=rootless'] },
      'delegation',
    ],
    ['an engine that reports nothing', {}, 'yes'],
  ])('%s', (_, info, expected) => expect(memoryLimit({ info })).toBe(expected));
});
