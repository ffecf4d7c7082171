import { spec, steps } from './define.ts';

/** Errors about the images that a pack takes in. */
export const packImageErrors = {
  'pack.not-in-engine': spec<{ reference: string; address: string }>({
    exitCode: 2,
    message: ({ reference, address }) => `The container engine at ${address} has no image ${reference}.`,
    remedies: ({ reference }) => [
      steps(
        'List its images: docker images',
        `On the connected machine, pull it first: docker pull ${reference}. Or correct \`reference\` in BUNDLE.yaml.`,
      ),
    ],
  }),
  'pack.not-an-image': spec<{ path: string; reason: string }>({
    exitCode: 2,
    message: ({ path, reason }) => `Cannot pack ${path} as an image: ${reason}.`,
    remedies: () => [
      steps(
        'Use an OCI layout folder: skopeo copy docker://IMAGE oci:FOLDER:TAG',
        'Or an uncompressed archive: docker save --output FILE.tar IMAGE',
      ),
    ],
  }),
  'pack.image-incomplete': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `The image in ${path} is incomplete or contradicts itself: ${problem}.`,
    remedies: () => [
      steps(
        'Pull the image again on the connected machine, and save it with a released version of Docker: docker save --output FILE.tar IMAGE',
        'If that fails again, copy it from its registry: skopeo copy docker://IMAGE oci:FOLDER',
      ),
    ],
  }),
  'pack.platform-absent': spec<{ path: string; reference: string; platform: string; found: string[] }>({
    exitCode: 2,
    message: ({ path, reference, platform, found }) =>
      `${path} lists ${reference} for ${platform}, but contains it only for ${found.join(', ') || 'no platform'}.`,
    remedies: ({ reference, platform }) => [
      steps(
        `Pull the image for that platform on the connected machine: docker pull --platform ${platform} ${reference}`,
        `Then save it again: docker save --output FILE.tar ${reference}`,
        'If the platform in the source is the right one for the other side, set `platform` in BUNDLE.yaml to it (such as linux/arm64).',
      ),
    ],
  }),
  'pack.foreign-layer': spec<{ path: string; reference: string; digest: string; urls: string[] }>({
    exitCode: 3,
    message: ({ path, reference, digest, urls }) =>
      `${path} does not contain the layer ${digest} of ${reference}: it is a foreign layer, which engines download${urls[0] ? ` from ${urls[0]}` : ''} instead.`,
    remedies: ({ reference }) => [
      steps(
        `Let an engine on the connected machine download all layers: docker pull ${reference}`,
        'In BUNDLE.yaml, write `engine: docker` instead of `path` for this image, to pack it with all layers from that engine.',
        'If the pull fails too, ask the publisher for an image that contains all its layers.',
      ),
    ],
  }),
  'pack.image-other-name': spec<{ path: string; wanted: string; found: string[] }>({
    exitCode: 2,
    message: ({ path, wanted, found }) => `${path} contains ${found.join(', ')}, but BUNDLE.yaml asks for ${wanted}.`,
    remedies: ({ wanted, found }) => [
      steps(
        `If it is the wrong file, save the image again: docker save --output FILE.tar ${wanted}`,
        `If you want the image in it, write its full name in BUNDLE.yaml, such as \`reference: ${found[0]}\`.`,
        'If it is the same image under another name, give it the wanted name first (docker tag OLD NEW), then save it again.',
      ),
    ],
  }),
  'pack.image-unclear': spec<{ path: string; wanted: string; found: string[] }>({
    exitCode: 2,
    message: ({ path, wanted, found }) =>
      `${path} has no single image for ${wanted}; it has: ${found.join(', ') || 'none'}.`,
    remedies: () => [
      steps(
        'In BUNDLE.yaml, set `reference` to a name in the source, or `platform` to one that it contains (such as linux/arm64).',
        'Or save just that image into a source of its own: skopeo copy --override-arch ARCH docker://IMAGE oci:FOLDER:TAG',
      ),
    ],
  }),
};
