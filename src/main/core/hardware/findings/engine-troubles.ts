import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Engine } from '../../../../shared/machine.ts';
import { amber } from './make-finding.ts';

/** The oldest Docker that Sealift was tried with. */
const oldestMajor = 20;
/** Slow, or without what images need: Docker's own documentation of storage drivers advises against them. */
const weakDrivers: Record<string, string> = {
  vfs: 'it copies every layer whole: an image of 10 GiB takes several times its size',
  devicemapper: 'it was taken out of Docker 25',
  aufs: 'it was taken out of Docker 24',
  overlay: 'it was taken out of Docker 24; its successor is overlay2',
};

/** What about a running engine will make trouble later: version, storage, where its networks are, limits. */
export function engineTroubles(engine: Engine): Finding[] {
  return [...oldVersion(engine), ...weakStorage(engine), ...elsewhere(engine), ...noLimits(engine)];
}

function oldVersion({ product, version }: Engine): Finding[] {
  const major = Number.parseInt(version ?? '', 10);
  if (product !== 'docker' || Number.isNaN(major) || major >= oldestMajor) return [];
  return [
    amber({
      id: 'hardware.engine-version',
      title: `Docker ${version} is older than what Sealift was tried with (20.10)`,
      consequence: 'Images may not load, and containers may not start as planned.',
      remedies: [steps('Carry the packages of a newer Docker for this system in a bundle, and install them.')],
      howWeKnow: 'ServerVersion in docker info',
    }),
  ];
}

function weakStorage({ storageDriver }: Engine): Finding[] {
  const why = weakDrivers[storageDriver ?? ''];
  if (!why) return [];
  return [
    amber({
      id: 'hardware.engine-storage',
      title: `The engine's storage driver is ${storageDriver}`,
      consequence: `Not well suited: ${why}.`,
      remedies: [
        steps(
          'Put the data root on ext4 or on xfs made with ftype=1.',
          'Write {"storage-driver": "overlay2"} into /etc/docker/daemon.json, then: systemctl restart docker. Images must be imported again.',
        ),
      ],
      howWeKnow: 'Driver in docker info',
    }),
  ];
}

function elsewhere({ isRootless, isDesktop }: Engine): Finding[] {
  if (!isRootless && !isDesktop) return [];
  const kind = isDesktop ? 'Docker Desktop' : 'A rootless engine';
  return [
    amber({
      id: 'hardware.engine-apart',
      title: `${kind} keeps its networks to itself`,
      consequence:
        'Containers of a site cannot be reached from this machine by their addresses: deploy refuses vLLM, Ollama and the AI Gateway here.',
      remedies: [
        steps(
          'Install Docker Engine that root runs (on Linux), and name it in site.yaml: engineHost: unix:///var/run/docker.sock',
          'Or choose engine llamacpp, which needs no container.',
        ),
      ],
      howWeKnow: isDesktop ? 'OperatingSystem in docker info' : 'SecurityOptions in docker info',
    }),
  ];
}

function noLimits({ canLimitMemory, cgroupVersion }: Engine): Finding[] {
  if (canLimitMemory !== false) return [];
  return [
    amber({
      id: 'hardware.engine-limits',
      title: 'The engine cannot limit the memory of containers',
      consequence: 'memoryGiB in site.yaml has no effect: a model server may take all of the memory.',
      remedies: [
        steps(
          cgroupVersion === '2'
            ? 'Give the engine the memory controller: systemctl edit user@.service, Delegate=memory (rootless engines).'
            : 'Boot Linux with cgroup_enable=memory, or with cgroup v2 (systemd.unified_cgroup_hierarchy=1).',
          'Or leave the limits out of site.yaml.',
        ),
      ],
      howWeKnow: `MemoryLimit in docker info, cgroup v${cgroupVersion ?? '?'}`,
    }),
  ];
}
