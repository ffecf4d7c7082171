import { knownNames } from '../bounded-text.ts';
import { command, spec, steps } from './define.ts';

function endOf(lastLines: readonly string[]): string {
  return lastLines.length > 0 ? ` Its last lines: ${lastLines.join(' | ')}` : '';
}

/** Errors from a site's containers, networks and images in an engine. */
export const containerErrors = {
  'engine.name-taken': spec<{
    kind: 'container' | 'network' | 'volume';
    name: string;
    maker: 'other-sealift' | 'earlier-build' | 'somebody';
  }>({
    exitCode: 3,
    message: ({ kind, name, maker }) => {
      const makers = {
        'other-sealift': 'created by Sealift for another data folder',
        'earlier-build': 'created by an earlier build of Sealift that did not record its data folder',
        somebody: 'not created by Sealift',
      };
      return `A ${kind} named ${name} already exists, ${makers[maker]}. It was not changed.`;
    },
    remedies: ({ kind, name, maker }) => {
      const remove = { container: 'docker rm --force', network: 'docker network rm', volume: 'docker volume rm' }[kind];
      const rename = 'give the site another name in site.yaml.';
      if (maker === 'earlier-build')
        return [
          steps(
            `If it belongs to this site, remove it and deploy again, which recreates it: ${remove} ${name}`,
            `Otherwise ${rename}`,
          ),
        ];
      if (maker === 'other-sealift')
        return [
          steps(
            `If someone else uses this engine for a site of the same name, ${rename}`,
            'If you own that data folder, deploy or uninstall with it (--home DIR).',
            `If its data folder is gone for good, remove it: ${remove} ${name}`,
          ),
        ];
      return [steps(`Rename or remove ${name} yourself, or ${rename}`)];
    },
  }),
  'engine.owner-lost': spec<{ path: string; problem: string }>({
    exitCode: 4,
    message: ({ path, problem }) =>
      `Cannot use ${path}, which identifies the containers that belong to this data folder: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        'Restore it from your backup.',
        "Without a backup, list Sealift's containers. Each shows its site and the 32 characters that belong in the file. Use those of a site in this data folder, because others may share the engine.",
        `docker ps --all --filter label=app.sealift.owner --format '{{.Label "app.sealift.site"}} {{.Label "app.sealift.owner"}}'`,
        `If no site in this data folder has containers any more, remove ${path} and deployment.json from the site folders, then deploy again.`,
      ),
    ],
  }),
  'engine.network-in-use': spec<{ name: string; users: string[] }>({
    exitCode: 3,
    message: ({ name, users }) =>
      `Cannot remove the network ${name}: containers not created by Sealift are connected to it: ${users.join(', ')}.`,
    remedies: ({ name, users }) => [
      steps(
        ...knownNames(users).known.map(
          (user) => `Disconnect it, if its owner agrees: docker network disconnect ${name} ${user}`,
        ),
        'Then try again. Those containers were not changed.',
      ),
    ],
  }),
  'engine.front-apart': spec<{ host: string; engine: string; addresses: string[] }>({
    exitCode: 3,
    message: ({ host, engine }) =>
      `The gateway's container cannot reach the front at ${host}: the engine at ${engine} is a rootless Podman, whose containers reach only addresses of this machine that others can reach too.`,
    remedies: ({ addresses }) => [
      steps(
        `Set front.host in site.yaml to an address of this machine${addresses.length > 0 ? `: ${addresses.join(' or ')}` : ''}. The front asks for its key there.`,
      ),
      steps(
        'Or use Podman as root, which needs no such address: sudo systemctl enable --now podman.socket',
        'Then set engineHost: unix:///run/podman/podman.sock in site.yaml, and import the images into it: sealift import DIR --engine unix:///run/podman/podman.sock',
      ),
    ],
  }),
  'engine.no-port': spec<{ host: string; firstPort: number; lastPort: number }>({
    exitCode: 3,
    message: ({ host, firstPort, lastPort }) =>
      `No port of ${host} from ${firstPort} to ${lastPort} is free for the model server.`,
    remedies: () => [steps('See what listens there: ss -ltnp', 'Stop what is not needed, then deploy again.')],
  }),
  'engine.podman-gpu': spec<{ asked: string }>({
    exitCode: 3,
    message: ({ asked }) =>
      `Podman cannot pass an NVIDIA GPU to a container of a site (requested: ${asked}). It does so by CDI only, and its Docker API ignores the request.`,
    remedies: () => [
      steps(
        'Start the model server yourself: podman run --device nvidia.com/gpu=all …',
        'Then set `engine: external` under model in site.yaml, and `endpoint` to its address.',
      ),
      steps('Or use Docker with the NVIDIA Container Toolkit for this site, both from the bundle, and set engineHost.'),
      steps(
        'Without a GPU, set `gpu: none` under model in site.yaml (this needs an image built for CPUs), or choose engine llamacpp.',
      ),
    ],
  }),
  'engine.container-exited': spec<{ name: string; exitCode: number; lastLines: string[] }>({
    exitCode: 4,
    message: ({ name, exitCode, lastLines }) =>
      `The container ${name} exited right after its start with code ${exitCode}.${endOf(lastLines)}`,
    remedies: ({ name }) => [
      steps(
        'Fix what its last lines report in site.yaml, or import another image, then deploy again.',
        'It was stopped to keep it from restarting endlessly; its log is kept.',
      ),
      command('Read its log', `sealift logs --part ${name}`),
    ],
  }),
  'engine.container-unhealthy': spec<{ name: string; seconds: number; lastLines: string[] }>({
    exitCode: 4,
    message: ({ name, seconds, lastLines }) =>
      `The container ${name} did not become healthy within ${seconds} s.${endOf(lastLines)}`,
    remedies: ({ name }) => [
      command('Read its log', `sealift logs --part ${name}`),
      steps(
        'If it is still loading its weights, wait until it is done (sealift status), then deploy again: finished steps are not repeated.',
        'If its log shows that it is waiting for something, fix that and deploy again.',
      ),
    ],
  }),
  'engine.out-of-memory': spec<{ name: string; limitBytes: number; lastLines: string[] }>({
    exitCode: 4,
    message: ({ name, limitBytes, lastLines }) =>
      `The container ${name} was killed because it needed more memory than ${limitBytes ? `its limit of ${limitBytes} bytes` : 'the machine has'}.${endOf(lastLines)}`,
    remedies: () => [
      steps(
        'Choose a smaller model or context in site.yaml, or raise the memory limit of this part, then deploy again.',
      ),
    ],
  }),
  'engine.no-gpu': spec<{ asked: string; seen: string; isRocmImage: boolean }>({
    exitCode: 3,
    message: ({ asked, seen }) => `No GPU is available to containers (requested: ${asked}). The engine offers ${seen}.`,
    remedies: ({ isRocmImage }) => [
      steps(
        isRocmImage
          ? 'This ROCm image needs the amdgpu driver on the machine: /dev/kfd and /dev/dri must exist.'
          : 'Install the NVIDIA Container Toolkit from the bundle, then run: sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker',
        'See what the machine has: sealift check',
      ),
      steps(
        'Without a GPU, set `gpu: none` under model in site.yaml (this needs an image built for CPUs), or choose engine llamacpp.',
      ),
    ],
  }),
  'engine.image-missing': spec<{ reference: string; imported: boolean; known: string[] }>({
    exitCode: 3,
    message: ({ reference, imported }) =>
      imported
        ? `${reference} was imported, but the engine no longer has it.`
        : `The engine has no image ${reference}, and none was imported.`,
    remedies: ({ known }) => [
      command('Import the bundle that contains it', 'sealift import DIR'),
      steps(
        'If you got the image another way, load it under exactly this name: docker load --input FILE',
        ...(known.length > 0 ? [`Or use one of the imported images in site.yaml: ${known.join(', ')}`] : []),
      ),
    ],
  }),
  'engine.subnet-taken': spec<{ name: string; subnet: string }>({
    exitCode: 3,
    message: ({ name, subnet }) => `The range ${subnet} for the network ${name} is already used by another network.`,
    remedies: () => [
      steps(
        "See which of the engine's networks uses it: docker network inspect $(docker network ls -q)",
        'Set another range in site.yaml (gateway.subnet, model.subnet), or leave it out to let Sealift pick a free one.',
      ),
    ],
  }),
  'engine.no-subnet': spec<{ tried: string[] }>({
    exitCode: 3,
    message: ({ tried }) => `No free address range is left for a container network (tried ${tried.join(', ')}).`,
    remedies: () => [
      steps(
        'See which networks the engine has: docker network ls',
        'Remove unused networks, or set a free range in site.yaml: gateway.subnet, model.subnet.',
      ),
    ],
  }),
};
