import { type Remedy, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Engine, Machine } from '../../../../shared/machine.ts';
import { engineTroubles } from './engine-troubles.ts';
import { amber, green } from './make-finding.ts';

const without =
  "The embedded llama.cpp works without one. GitLab's AI Gateway and vLLM run in containers and need one.";

/** Returns the findings about the container engine: whether it answers, and whether it can pass GPUs. */
export function engineFindings(machine: Machine): Finding[] {
  const { engine } = machine;
  if (engine.state !== 'running') return [notRunning(machine)];
  return [running(engine), ...gpuAccess(machine), ...remote(engine), ...engineTroubles(engine)];
}

function running(engine: Engine): Finding {
  const parts = [
    `${engine.product === 'podman' ? 'Podman' : 'Docker'} ${engine.version ?? 'of unknown version'}`,
    engine.storageDriver && `storage ${engine.storageDriver}`,
    engine.imageStore && `${engine.imageStore} image store`,
    engine.dataRoot && `data at ${engine.dataRoot}`,
    engine.cgroupVersion && `cgroup v${engine.cgroupVersion}`,
    engine.isRootless && 'rootless',
    engine.isDesktop && 'Docker Desktop',
  ].filter(Boolean);
  return green('hardware.engine', `Container engine: ${parts.join(', ')}`, `queried at ${engine.address}`);
}

function notRunning({ engine, notKnown }: Machine): Finding {
  const why = notKnown.find((one) => one.what === 'engine')?.why;
  const texts: Record<Exclude<Engine['state'], 'running'>, { title: string; remedy: Remedy }> = {
    absent: {
      title: 'No container engine',
      remedy: steps(
        'Bring the Docker packages for this system in a bundle, install them, then: systemctl enable --now docker',
        'If it is installed but stopped: systemctl start docker',
      ),
    },
    'not-permitted': {
      title: `This user may not access the container engine (${engine.address})`,
      remedy: steps(
        'Add the user to the group that owns the socket: usermod -aG docker NAME, then log in again. Members of the group have root privileges.',
        'Or run Sealift as root.',
      ),
    },
    'not-answering': {
      title: `The container engine does not respond (${engine.address})`,
      remedy: steps(
        'Check its status and log: systemctl status docker; journalctl -u docker -n 50',
        'Restart it: systemctl restart docker',
        'If DOCKER_HOST is set, check that it points to the right engine.',
      ),
    },
  };
  const { title, remedy } = texts[engine.state as keyof typeof texts];
  return amber({
    id: 'hardware.engine',
    title,
    consequence: without,
    remedies: [remedy],
    howWeKnow: why ?? `queried at ${engine.address}`,
  });
}

function gpuAccess({ engine, gpus, gpuToolkit }: Machine): Finding[] {
  if (!gpus.some((gpu) => gpu.vendor === 'nvidia')) return [];
  // Podman does not list its devices: it reads them from the files.
  const hasCdi =
    engine.cdiDevices.some((name) => name.startsWith('nvidia.com/gpu')) ||
    (engine.product === 'podman' && gpuToolkit.cdiSpecs.some((name) => /nvidia/i.test(name)));
  if (engine.runtimes.includes('nvidia') || hasCdi) {
    return [green('hardware.engine-gpu', `Containers can use GPUs (${hasCdi ? 'CDI' : 'NVIDIA runtime'})`)];
  }
  return [
    amber({
      id: 'hardware.engine-gpu',
      title: 'The container engine cannot pass GPUs to containers',
      consequence: 'vLLM in a container would not see the GPU.',
      remedies: [
        steps(
          gpuToolkit.nvidiaCtk === null
            ? 'Bring the NVIDIA Container Toolkit packages in a bundle and install them.'
            : `The NVIDIA Container Toolkit ${gpuToolkit.nvidiaCtk} is installed, but the engine is not configured to use it yet.`,
          engine.product === 'podman'
            ? 'Then, as root: nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml'
            : 'Then, as root: nvidia-ctk runtime configure --runtime=docker && systemctl restart docker',
        ),
      ],
      howWeKnow: `runtimes: ${engine.runtimes.join(', ') || 'none'}; no nvidia.com/gpu CDI device; nvidia-ctk: ${gpuToolkit.nvidiaCtk ?? 'not found'}`,
    }),
  ];
}

function remote(engine: Engine): Finding[] {
  if (!engine.isRemote) return [];
  return [
    amber({
      id: 'hardware.engine-remote',
      title: `The container engine is on another machine (${engine.address})`,
      consequence: 'Its disk, memory and GPUs are not the ones in this report.',
      remedies: [
        steps('Run this check on that machine too.', 'Or unset DOCKER_HOST to use the engine on this machine.'),
      ],
      howWeKnow: 'DOCKER_HOST',
    }),
  ];
}
