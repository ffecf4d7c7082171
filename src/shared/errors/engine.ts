import { bytesText } from '../bytes-text.ts';
import { shortHex } from '../digest.ts';
import { shellWord } from '../shell-word.ts';
import { spec, steps } from './define.ts';

/** Errors from the container engine itself and from bringing images into it. */
export const engineErrors = {
  'engine.absent': spec<{ address: string }>({
    exitCode: 4,
    message: ({ address }) => `No container engine answers at ${address}.`,
    remedies: () => [
      steps(
        'Start it: sudo systemctl start docker',
        'If Docker is not installed, install the packages from the bundle, or choose the embedded llama.cpp in site.yaml.',
        'If it listens elsewhere, give its address: --engine docker:///path/to/docker.sock, or DOCKER_HOST.',
      ),
    ],
  }),
  'engine.denied': spec<{ address: string; user: string }>({
    exitCode: 3,
    message: ({ address, user }) => `The user ${user} is not allowed to use the container engine at ${address}.`,
    remedies: ({ user }) => [
      steps(
        `Add the user to the engine's group: sudo usermod -aG docker ${user}`,
        'Log out and back in, then run the command again.',
      ),
    ],
  }),
  'engine.silent': spec<{ address: string; timeoutMs: number }>({
    exitCode: 4,
    retryable: true,
    message: ({ address, timeoutMs }) =>
      `The container engine at ${address} did not answer within ${timeoutMs / 1000} s.`,
    remedies: () => [
      steps('Check its log: journalctl -u docker --since -10min', 'Restart it: sudo systemctl restart docker'),
    ],
  }),
  'engine.gone': spec<{ while: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ while: what }) => `The container engine stopped responding during this step: ${what}.`,
    remedies: () => [
      steps('Wait until it is running again (systemctl status docker), then try again: it resumes where it stopped.'),
    ],
  }),
  'engine.full': spec<{ dataRoot: string }>({
    exitCode: 3,
    retryable: true,
    message: ({ dataRoot }) => `The container engine has no space left in ${dataRoot}.`,
    remedies: ({ dataRoot }) => [
      steps(
        `Free space on the filesystem of ${dataRoot} (see: df -h ${shellWord(dataRoot)}).`,
        'See what the engine itself uses: docker system df',
        'Then run the same command again: it resumes where it stopped.',
      ),
    ],
  }),
  /** `leftBytes`: what the engine has not removed yet. */
  'engine.image-expands': spec<{
    reference: string;
    dataRoot: string;
    takenBytes: number;
    expectedBytes: number;
    leftBytes: number;
  }>({
    exitCode: 3,
    message: ({ reference, dataRoot, takenBytes, expectedBytes }) =>
      `Stopped bringing ${reference} into the engine: unpacked, it takes ${bytesText(takenBytes)} or more of ${dataRoot}, and an image of its size takes at most ${bytesText(expectedBytes)}.`,
    remedies: ({ reference, dataRoot, leftBytes }) => [
      steps(
        leftBytes > 0
          ? `Wait: the engine still holds ${bytesText(leftBytes)} of it in ${dataRoot}. It removes that when it has read the layer to its end, with the containerd store within a day (see: df -h ${shellWord(dataRoot)}). Don't restart the engine before: it would keep what it has unpacked.`
          : 'Nothing of it is left unpacked in the engine.',
        `Ask the packing side how large the image really is: docker image inspect --format '{{.Size}}' ${shellWord(reference)}`,
        `If that many bytes are right, free as much on the filesystem of ${dataRoot} (see: df -h ${shellWord(dataRoot)}), then import again.`,
        'If not, do not use this bundle: someone signed an image that is made to fill disks. Tell whoever holds the key.',
      ),
    ],
  }),
  'engine.refused': spec<{ what: string; status: number }>({
    exitCode: 4,
    message: ({ what, status }) => `The container engine refused to do this: ${what} (status ${status}).`,
    remedies: () => [
      steps('Read the cause above: it comes from the engine.', 'Check its log: journalctl -u docker --since -10min'),
    ],
  }),
  'engine.wrong-platform': spec<{ reference: string; image: string; engine: string }>({
    exitCode: 3,
    message: ({ reference, image, engine }) => `${reference} is built for ${image}, but this engine runs ${engine}.`,
    remedies: () => [
      steps('Pack the image for this machine’s platform (field `platform` in BUNDLE.yaml) and carry it over again.'),
    ],
  }),
  'engine.no-zstd': spec<{ reference: string; version: string; least: number }>({
    exitCode: 3,
    message: ({ reference, version, least }) =>
      `${reference} has layers compressed with zstd. This engine is Docker ${version}; Docker ${least} is the first that unpacks them.`,
    remedies: ({ least }) => [
      steps(
        `Install Docker ${least} or newer on this machine, from packages that were carried in, then import again.`,
        'Or ask the packing side for a bundle without zstd: pull the image into their Docker, write `engine: docker` instead of `path` in BUNDLE.yaml, and pack again.',
        'Or with gzip layers: skopeo copy --dest-compress-format gzip --dest-force-compress-format docker://IMAGE oci:FOLDER',
      ),
    ],
  }),
  'engine.other-image': spec<{ reference: string; expected: string; found: string }>({
    exitCode: 3,
    message: ({ reference, expected, found }) =>
      `The engine loaded ${found} as ${reference}, but the bundle's manifest lists ${expected}.`,
    remedies: () => [steps('No image was tagged. Verify the media (sealift bundle verify DIR…), then import again.')],
  }),
  'engine.hollow-image': spec<{ reference: string }>({
    exitCode: 3,
    message: ({ reference }) =>
      `The engine has ${reference} without its content, and loading it did not bring the content.`,
    remedies: ({ reference }) => [
      steps(
        `Remove it and the images that share layers with it: docker rmi ${reference}, docker image prune. Then import again.`,
        'Or turn the containerd image store off: set "features": {"containerd-snapshotter": false} in /etc/docker/daemon.json, restart Docker, then import again.',
      ),
    ],
  }),
  'engine.tag-taken': spec<{ reference: string; found: string; wanted: string }>({
    exitCode: 3,
    message: ({ reference, found, wanted }) =>
      `${reference} already names another image (${shortHex(found)}, not ${shortHex(wanted)}).`,
    remedies: ({ reference }) => [
      steps(
        `If the other image is not needed: docker rmi ${reference}`,
        'Or give it another name first with docker tag, then run the command again.',
      ),
    ],
  }),
  'engine.apart': spec<{ network: string; address: string; engine: string }>({
    exitCode: 3,
    message: ({ network, address, engine }) =>
      `The networks of the engine at ${engine} are not on this machine: ${network} was created, but nothing here has its address ${address}.`,
    remedies: () => [
      steps(
        'Use an engine that runs as root on this machine (engineHost: unix:///var/run/docker.sock). The networks of rootless engines, Docker Desktop and engines on other machines are not reachable from here.',
        'Without such an engine, choose engine llamacpp in site.yaml, or an existing model server and gateway (external, existing).',
        'To remove what was created: sealift uninstall --yes --keep-weights',
      ),
    ],
  }),
  'engine.no-subuid': spec<{ address: string }>({
    exitCode: 3,
    message: ({ address }) =>
      `The rootless engine at ${address} has no subordinate user IDs, so it cannot unpack files that belong to other users of the image.`,
    remedies: () => [
      steps(
        "Give the engine's user a range, here for the user llm: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 llm",
        'As that user: podman system migrate, then restart its service: systemctl --user restart podman.socket podman.service',
        'The command newuidmap must exist: it is in the package uidmap (Debian, Ubuntu) or shadow-utils (RHEL), carried in.',
      ),
      steps('Or use an engine that runs as root.'),
    ],
  }),
  'engine.lacks-program': spec<{ program: string; address: string }>({
    exitCode: 3,
    message: ({ program, address }) => `The engine at ${address} needs the program ${program}, and cannot run it.`,
    remedies: ({ program }) => [
      steps(
        `Install ${program} from packages for this system that were carried in. On Debian, newuidmap and newgidmap are in uidmap; the others are packages of their own name.`,
        'Then run the same command again: it resumes where it stopped.',
      ),
    ],
  }),
};
