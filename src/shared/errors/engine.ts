import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors of the container engine. */
export const engineErrors = {
  'engine.absent': spec<{ address: string }>({
    exitCode: 4,
    message: ({ address }) => `No container engine answers at ${address}.`,
    remedies: () => [
      steps(
        'Start it: sudo systemctl start docker',
        'If Docker is not installed, install the packages that the bundle carries, or choose the embedded engine in site.yaml.',
        'If it listens elsewhere, name it: --engine docker:///path/to/docker.sock or DOCKER_HOST.',
      ),
    ],
  }),
  'engine.denied': spec<{ address: string; user: string }>({
    exitCode: 3,
    message: ({ address, user }) => `The user ${user} may not use the container engine at ${address}.`,
    remedies: ({ user }) => [
      steps(
        `Add the user to the engine's group: sudo usermod -aG docker ${user}`,
        'Log out and in again, then run the command again.',
      ),
    ],
  }),
  'engine.silent': spec<{ address: string; timeoutMs: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ address, timeoutMs }) =>
      `The container engine at ${address} did not answer within ${timeoutMs / 1000} s.`,
    remedies: () => [
      steps('Look at its log: journalctl -u docker --since -10min', 'Restart it: sudo systemctl restart docker'),
    ],
  }),
  'engine.gone': spec<{ while: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ while: what }) => `The container engine went away in the middle of this: ${what}.`,
    remedies: () => [
      steps(
        'Wait until it runs again (systemctl status docker), then run the same command again: it goes on where it stopped.',
      ),
    ],
  }),
  'engine.full': spec<{ dataRoot: string }>({
    exitCode: 3,
    message: ({ dataRoot }) => `The container engine has no space left below ${dataRoot}.`,
    remedies: ({ dataRoot }) => [
      steps(
        `Free space on the filesystem of ${dataRoot} (see: df -h ${shellWord(dataRoot)}).`,
        'See what the engine itself holds: docker system df',
      ),
    ],
  }),
  'engine.refused': spec<{ what: string; status: number }>({
    exitCode: 4,
    message: ({ what, status }) => `The container engine refused this: ${what} (status ${status}).`,
    remedies: () => [
      steps('Read the cause above; it is the engine’s own.', 'Look at its log: journalctl -u docker --since -10min'),
    ],
  }),
  'engine.wrong-platform': spec<{ reference: string; image: string; engine: string }>({
    exitCode: 3,
    message: ({ reference, image, engine }) => `${reference} is for ${image}; this engine runs ${engine}.`,
    remedies: () => [
      steps('Pack the image for the platform of this machine (field `platform` in BUNDLE.yaml) and carry it again.'),
    ],
  }),
  'engine.other-image': spec<{ reference: string; expected: string; found: string }>({
    exitCode: 3,
    message: ({ reference, expected, found }) =>
      `The engine holds ${found} as ${reference}; the bundle's manifest says ${expected}.`,
    remedies: () => [steps('Nothing was tagged. Verify the media (sealift bundle verify DIR…), then import again.')],
  }),
  'engine.tag-taken': spec<{ reference: string; found: string; wanted: string }>({
    exitCode: 3,
    message: ({ reference, found, wanted }) =>
      `${reference} already names another image (${found.slice(7, 19)}, not ${wanted.slice(7, 19)}).`,
    remedies: ({ reference }) => [
      steps(
        `If the other image is not needed: docker rmi ${reference}`,
        'Or give it another name first: docker tag, then run the command again.',
      ),
    ],
  }),
  'engine.name-taken': spec<{
    kind: 'container' | 'network' | 'volume';
    name: string;
    maker: 'other-sealift' | 'earlier-build' | 'somebody';
  }>({
    exitCode: 3,
    message: ({ kind, name, maker }) => {
      const makers = {
        'other-sealift': 'that Sealift made for another data folder',
        'earlier-build': 'that an earlier build of Sealift made, which did not write down for which data folder',
        somebody: 'that Sealift did not make',
      };
      return `There is a ${kind} named ${name} ${makers[maker]}. It is left as it is.`;
    },
    remedies: ({ kind, name, maker }) => {
      const remove = { container: 'docker rm --force', network: 'docker network rm', volume: 'docker volume rm' }[kind];
      const rename = 'give the site another name in site.yaml.';
      if (maker === 'earlier-build')
        return [
          steps(
            `If it was of this site, remove it and deploy again, which makes a new one: ${remove} ${name}`,
            `Else ${rename}`,
          ),
        ];
      if (maker === 'other-sealift')
        return [
          steps(
            `Somebody else uses this engine for a site of the same name: ${rename}`,
            'If it is of a data folder of your own, deploy or uninstall with that one (--home DIR).',
            `If its data folder is gone for good, remove it: ${remove} ${name}`,
          ),
        ];
      return [steps(`Rename or remove ${name} yourself, or ${rename}`)];
    },
  }),
  'engine.owner-lost': spec<{ path: string; problem: string }>({
    exitCode: 4,
    message: ({ path, problem }) =>
      `${path}, by which this data folder knows what it made in container engines, cannot be used: ${problem}.`,
    remedies: ({ path }) => [
      steps(
        'Put it back from your backup.',
        'Without one: containers of Sealift show what belongs in the file, 32 characters beside the name of their site. Others may use the engine too: take that of a site of this data folder.',
        `docker ps --all --filter label=app.sealift.owner --format '{{.Label "app.sealift.site"}} {{.Label "app.sealift.owner"}}'`,
        `If no site of this data folder has containers any more, remove ${path}, and deployment.json in the folders of its sites, then deploy again.`,
      ),
    ],
  }),
  'engine.network-in-use': spec<{ name: string; users: string[] }>({
    exitCode: 3,
    message: ({ name, users }) =>
      `The network ${name} must go, but containers that Sealift did not make are on it: ${users.join(', ')}.`,
    remedies: ({ name, users }) => [
      steps(
        ...users.map((user) => `Take it off, if its owner agrees: docker network disconnect ${name} ${user}`),
        'Then run the same command again. Nothing of those containers was changed.',
      ),
    ],
  }),
  'engine.apart': spec<{ network: string; address: string; engine: string }>({
    exitCode: 3,
    message: ({ network, address, engine }) =>
      `The networks of the engine at ${engine} are not on this machine: ${network} was made, but nothing here has its address ${address}.`,
    remedies: () => [
      steps(
        "Use an engine of this machine's own, run by root (engineHost: unix:///var/run/docker.sock). Rootless engines, Docker Desktop and engines of other machines keep their networks to themselves.",
        'Without such an engine: choose engine llamacpp in site.yaml, or a model server and a gateway that run already (external, existing).',
        'What was made goes with: sealift uninstall --yes --keep-weights',
      ),
    ],
  }),
  'engine.container-exited': spec<{ name: string; exitCode: number; lastLines: string[] }>({
    exitCode: 4,
    message: ({ name, exitCode, lastLines }) =>
      `The container ${name} ended at once with code ${exitCode}. Its last lines: ${lastLines.join(' | ')}`,
    remedies: ({ name }) => [
      steps(
        'Correct in site.yaml what its last lines complain about, or import another image, then deploy again.',
        'It was stopped, so that it does not start over for ever; its log stays.',
      ),
      command('Read its log', `sealift logs --part ${name}`),
    ],
  }),
  'engine.container-unhealthy': spec<{ name: string; seconds: number; lastLines: string[] }>({
    exitCode: 4,
    message: ({ name, seconds, lastLines }) =>
      `The container ${name} did not become healthy within ${seconds} s. Its last lines: ${lastLines.join(' | ')}`,
    remedies: ({ name }) => [
      command('Read its log', `sealift logs --part ${name}`),
      steps(
        'If it still loads its weights, wait until it is done (sealift status), then deploy again: what is done is left as it is.',
        'If it waits for something that its log names, put that right, then deploy again.',
      ),
    ],
  }),
  'engine.out-of-memory': spec<{ name: string; limitBytes: number; lastLines: string[] }>({
    exitCode: 4,
    message: ({ name, limitBytes, lastLines }) =>
      `The container ${name} was killed because it needed more memory than ${limitBytes || 'the machine'}${limitBytes ? ' bytes' : ' has'}. Its last lines: ${lastLines.join(' | ')}`,
    remedies: () => [
      steps('Choose a smaller model or context in site.yaml, or raise the limit of this part, then deploy again.'),
    ],
  }),
  'engine.no-gpu': spec<{ asked: string; seen: string; isRocmImage: boolean }>({
    exitCode: 3,
    message: ({ asked, seen }) =>
      `No GPU can be given to a container (asked for: ${asked}). The engine offers ${seen}.`,
    remedies: ({ isRocmImage }) => [
      steps(
        isRocmImage
          ? 'For this ROCm image the machine needs the amdgpu driver: /dev/kfd and /dev/dri must be there.'
          : 'Install the NVIDIA Container Toolkit from the bundle, then: sudo nvidia-ctk runtime configure --runtime=docker && sudo systemctl restart docker',
        'See what the machine has: sealift check',
      ),
      steps(
        'Without a GPU: write `gpu: none` under model (the image must be one for CPUs), or choose engine llamacpp in site.yaml.',
      ),
    ],
  }),
  'engine.image-missing': spec<{ reference: string; imported: boolean; known: string[] }>({
    exitCode: 3,
    message: ({ reference, imported }) =>
      imported
        ? `${reference} was imported, but the engine does not have it any more.`
        : `The engine has no image ${reference}, and no import brought it.`,
    remedies: ({ known }) => [
      command('Import the bundle that brings it', 'sealift import DIR'),
      steps(
        'If the image came another way, load it under exactly this name: docker load --input FILE',
        ...(known.length > 0 ? [`Or name one of the imported images in site.yaml: ${known.join(', ')}`] : []),
      ),
    ],
  }),
  'engine.subnet-taken': spec<{ name: string; subnet: string }>({
    exitCode: 3,
    message: ({ name, subnet }) => `The range ${subnet} for the network ${name} is taken by another network.`,
    remedies: () => [
      steps(
        'See which network of the engine has it: docker network inspect $(docker network ls -q)',
        'Give another range in site.yaml (gateway.subnet, model.subnet), or leave it out: then a free one is taken.',
      ),
    ],
  }),
  'engine.no-subnet': spec<{ tried: string[] }>({
    exitCode: 3,
    message: ({ tried }) => `No free address range is left for a network of containers (tried ${tried.join(', ')}).`,
    remedies: () => [
      steps(
        'See which networks the engine has: docker network ls',
        'Remove networks that nothing uses any more, or give a free range in site.yaml: gateway.subnet, model.subnet.',
      ),
    ],
  }),
};
