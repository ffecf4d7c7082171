import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Engine } from '../../../../shared/machine.ts';
import { memoryLimitOf, memoryLimitSteps } from '../../engine/memory-limit.ts';
import { amber } from './make-finding.ts';

/** The oldest Docker that Sealift was tested with. */
const oldestMajor = 20;
/** Slow, or missing features that images need: Docker's documentation advises against these drivers. */
const weakDrivers: Record<string, string> = {
  vfs: 'it copies every layer in full, so a 10 GiB image takes several times its size',
  devicemapper: 'it was removed in Docker 25',
  aufs: 'it was removed in Docker 24',
  overlay: 'it was removed in Docker 24; its successor is overlay2',
};

/** Returns the findings about what will cause trouble later in a running engine: version, storage, unreachable networks, limits. */
export function engineTroubles(engine: Engine): Finding[] {
  return [
    ...notFound(engine),
    ...oldVersion(engine),
    ...weakStorage(engine),
    ...elsewhere(engine),
    ...noLimits(engine),
  ];
}

function notFound({ address, isDefault }: Engine): Finding[] {
  if (isDefault) return [];
  return [
    amber({
      id: 'hardware.engine-address',
      title: `The engine at ${address} is not in the usual place`,
      consequence:
        'Imports and sites look for an engine at /var/run/docker.sock, unless they are given another address.',
      remedies: [
        steps(
          `Give it to imports, or to all commands: sealift import DIR --engine unix://${address}, or export DOCKER_HOST=unix://${address}`,
          `Set it in site.yaml: engineHost: unix://${address}`,
        ),
      ],
      howWeKnow: 'DOCKER_HOST is not set',
    }),
  ];
}

function oldVersion({ product, version }: Engine): Finding[] {
  const major = Number.parseInt(version ?? '', 10);
  if (product !== 'docker' || Number.isNaN(major) || major >= oldestMajor) return [];
  return [
    amber({
      id: 'hardware.engine-version',
      title: `Docker ${version} is older than the oldest version tested with Sealift (20.10)`,
      consequence: 'Images may not load, and containers may not start as planned.',
      remedies: [steps('Bring newer Docker packages for this system in a bundle and install them.')],
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
      consequence: `Poorly suited: ${why}.`,
      remedies: [
        steps(
          'Put the data root on ext4, or on xfs formatted with ftype=1.',
          'Set {"storage-driver": "overlay2"} in /etc/docker/daemon.json, then: systemctl restart docker. Import the images again.',
        ),
      ],
      howWeKnow: 'Driver in docker info',
    }),
  ];
}

function elsewhere({ isRootless, isDesktop, product }: Engine): Finding[] {
  if ((!isRootless || product === 'podman') && !isDesktop) return [];
  const kind = isDesktop ? 'Docker Desktop' : 'A rootless engine';
  return [
    amber({
      id: 'hardware.engine-apart',
      title: `${kind} isolates its networks`,
      consequence:
        "This machine cannot reach a site's containers by their addresses, so vLLM, Ollama and the AI Gateway cannot be deployed here.",
      remedies: [
        steps(
          'Install Docker Engine running as root (on Linux) and set it in site.yaml: engineHost: unix:///var/run/docker.sock',
          'Or choose engine llamacpp, which needs no container.',
        ),
      ],
      howWeKnow: isDesktop ? 'OperatingSystem in docker info' : 'SecurityOptions in docker info',
    }),
  ];
}

function noLimits(engine: Engine): Finding[] {
  const limit = memoryLimitOf(engine);
  if (limit === 'yes') return [];
  return [
    amber({
      id: 'hardware.engine-limits',
      title: 'The engine cannot limit container memory',
      consequence: 'memoryGiB in site.yaml has no effect: a model server may use all of the memory.',
      remedies: [steps(memoryLimitSteps[limit], 'Or remove the limits from site.yaml.')],
      howWeKnow: `MemoryLimit in docker info, cgroup v${engine.cgroupVersion ?? '?'}${limit === 'kernel-support' ? '' : ', rootless'}`,
    }),
  ];
}
