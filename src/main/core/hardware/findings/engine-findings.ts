import { type Remedy, steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { Engine, Machine } from '../../../../shared/machine.ts';
import { engineTroubles } from './engine-troubles.ts';
import { amber, green } from './make-finding.ts';
import { podmanFindings } from './podman-findings.ts';

const without =
  "The embedded llama.cpp works without one. GitLab's AI Gateway and vLLM run in containers and need one.";

/** Returns the findings about the container engine: whether it answers, and whether it can pass GPUs. */
export function engineFindings(machine: Machine): Finding[] {
  const { engine } = machine;
  if (engine.state !== 'running') return [notRunning(machine)];
  return [
    running(engine),
    ...gpuAccess(machine),
    ...podmanFindings(machine),
    ...remote(engine),
    ...engineTroubles(engine),
  ];
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
  const { title, remedy } = notRunningTexts(engine);
  return amber({
    id: 'hardware.engine',
    title,
    consequence: without,
    remedies: [remedy],
    howWeKnow: why ?? `queried at ${engine.address}`,
  });
}

function notRunningTexts({ state, address }: Engine): { title: string; remedy: Remedy } {
  // Only its socket says so, as nothing answers.
  const isPodman = address.includes('podman');
  if (state === 'not-permitted')
    return {
      title: `This user may not access the container engine (${address})`,
      remedy: steps(
        isPodman
          ? 'Use a Podman of your own: systemctl --user enable --now podman.socket'
          : 'Add the user to the group that owns the socket: usermod -aG docker NAME, then log in again. Members of the group have root privileges.',
        'Or run Sealift as root.',
      ),
    };
  if (state === 'not-answering')
    return {
      title: `The container engine does not respond (${address})`,
      remedy: isPodman
        ? steps(
            `Check its status: systemctl ${address.startsWith('/run/podman/') ? '' : '--user '}status podman.socket podman.service`,
            'If DOCKER_HOST is set, check that it points to the right engine.',
          )
        : steps(
            'Check its status and log: systemctl status docker; journalctl -u docker -n 50',
            'Restart it: systemctl restart docker',
            'If DOCKER_HOST is set, check that it points to the right engine.',
          ),
    };
  return {
    title: 'No container engine',
    remedy: steps(
      'Bring the Docker packages for this system in a bundle, install them, then: systemctl enable --now docker',
      'If it is installed but stopped: systemctl start docker',
      'Podman needs its API, as root: systemctl enable --now podman.socket; or as a user: systemctl --user enable --now podman.socket',
    ),
  };
}

function gpuAccess({ engine, gpus, gpuToolkit }: Machine): Finding[] {
  if (!gpus.some((gpu) => gpu.vendor === 'nvidia') || engine.product === 'podman') return [];
  const hasCdi = engine.cdiDevices.some((name) => name.startsWith('nvidia.com/gpu'));
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
          'Then, as root: nvidia-ctk runtime configure --runtime=docker && systemctl restart docker',
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
