import { shellWord } from '../shell-word.ts';
import { spec, steps } from './define.ts';

/** Errors of packing a bundle. */
export const packErrors = {
  'pack.medium-in-use': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} already holds a Sealift bundle.`,
    remedies: ({ path }) => [
      steps(
        `Name another folder or medium with --to, or see what is there: sealift bundle inspect ${shellWord(path)}`,
        'If that bundle is no longer needed, run the same command with --overwrite: it removes that bundle only.',
      ),
    ],
  }),
  'pack.foreign-folder': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} is there already and was not written by Sealift.`,
    remedies: ({ path }) => [
      steps(
        `Rename or move ${path} away, or name another folder with --to. Sealift never removes what it did not write.`,
      ),
    ],
  }),
  'pack.target-is-source': spec<{ target: string; source: string }>({
    exitCode: 2,
    message: ({ target, source }) => `${target} cannot take the bundle: the source ${source} lies in the same place.`,
    remedies: () => [steps('Name a folder on another medium with --to, outside every folder that is packed.')],
  }),
  'pack.unusable-weights': spec<{ path: string; reason: string }>({
    exitCode: 3,
    message: ({ path, reason }) => `${path} cannot be used as a weight file: ${reason}.`,
    remedies: ({ path }) => [
      steps(
        `On the connected machine, fetch ${path} again and let the download end: hf download REPOSITORY --local-dir FOLDER, or git lfs pull in its folder.`,
        'Then compare its size with the size that the publisher states, and pack again.',
      ),
    ],
  }),
  'pack.nothing-there': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `${path} holds no file to pack; names that begin with a dot are left out.`,
    remedies: ({ path }) => [
      steps(`Check in BUNDLE.yaml that ${path} is the folder you meant, and look: ls -la ${path}`),
    ],
  }),
  'pack.link-leaves': spec<{ path: string; target: string; root: string }>({
    exitCode: 3,
    message: ({ path, target, root }) => `${path} is a link to ${target}, outside of ${root}.`,
    remedies: ({ path, root }) => [
      steps(
        `Put the file itself in place of the link ${path}, or copy the folder with its links resolved: cp -rL ${root} COPY`,
      ),
    ],
  }),
  'pack.special-file': spec<{ path: string; type: string }>({
    exitCode: 3,
    message: ({ path, type }) => `${path} is a ${type}; only ordinary files can be packed.`,
    remedies: ({ path }) => [steps(`Remove ${path} from the folder, or name the files to pack one by one.`)],
  }),
  'pack.unfit-name': spec<{ path: string; reason: string }>({
    exitCode: 2,
    message: ({ path, reason }) => `The name ${JSON.stringify(path)} cannot travel: ${reason}.`,
    remedies: () => [steps('Rename the file, then pack again.')],
  }),
  'pack.source-changed': spec<{ path: string }>({
    exitCode: 4,
    retryable: true,
    message: ({ path }) => `${path} changed while it was being packed.`,
    remedies: ({ path }) => [
      steps(
        `Wait until nothing writes to ${path} any more (a download may still run), then run the same command again.`,
      ),
    ],
  }),
  'pack.source-damaged': spec<{ path: string; expected: string; found: string }>({
    exitCode: 4,
    message: ({ path, expected, found }) => `${path} is damaged: its digest should be ${expected} and is ${found}.`,
    remedies: ({ path }) => [
      steps(`Fetch or save the image of ${path} again on the connected machine, then pack again.`),
    ],
  }),
  'pack.not-in-engine': spec<{ reference: string; address: string }>({
    exitCode: 2,
    message: ({ reference, address }) => `The container engine at ${address} has no image ${reference}.`,
    remedies: ({ reference }) => [
      steps(
        'See which it has: docker images',
        `On the connected machine, fetch it first: docker pull ${reference}. Or correct \`reference\` in BUNDLE.yaml.`,
      ),
    ],
  }),
  'pack.not-an-image': spec<{ path: string; reason: string }>({
    exitCode: 2,
    message: ({ path, reason }) => `${path} cannot be packed as an image: ${reason}.`,
    remedies: () => [
      steps(
        'Give an OCI layout folder: skopeo copy docker://IMAGE oci:FOLDER:TAG',
        'Or an archive that is not compressed: docker save --output FILE.tar IMAGE',
      ),
    ],
  }),
  'pack.image-unclear': spec<{ path: string; wanted: string; found: string[] }>({
    exitCode: 2,
    message: ({ path, wanted, found }) =>
      `${path} has no single image for ${wanted}; it has: ${found.join(', ') || 'none'}.`,
    remedies: () => [
      steps(
        'In BUNDLE.yaml, set `reference` to a name that the source has, or `platform` to one that it has (such as linux/arm64).',
        'Or save just that image into a source of its own: skopeo copy --override-arch ARCH docker://IMAGE oci:FOLDER:TAG',
      ),
    ],
  }),
  'pack.part-too-large': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `The filesystem of ${path} does not take a file of this size.`,
    remedies: () => [
      steps(
        'Run the same command with a smaller --part-size, such as --part-size 1GiB, or format the medium with exFAT.',
      ),
    ],
  }),
  'pack.read-back-differs': spec<{ path: string; label: string; block: number }>({
    exitCode: 4,
    message: ({ path, label, block }) =>
      `Medium ${label} does not give back what was written: ${path} differs in block ${block}.`,
    remedies: ({ label }) => [
      steps(
        `Do not carry ${label}. Pack again with --overwrite in another port or reader.`,
        `If ${label} differs again, the medium is faulty: use another one.`,
      ),
    ],
  }),
};
