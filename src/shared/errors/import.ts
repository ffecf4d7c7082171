import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

/** Errors of the import. */
export const importErrors = {
  'import.medium-missing': spec<{ labels: string[]; dirs: string[] }>({
    exitCode: 4,
    retryable: true,
    message: ({ labels }) =>
      `Nothing was left to import from these media; the bundle still lacks ${labels.join(', ')}.`,
    remedies: ({ labels, dirs }) => [
      command(`Put in ${labels[0]}, then run`, `sealift import ${dirs.map(shellWord).join(' ')}`),
    ],
  }),
  'import.model-in-use': spec<{ name: string; sites: string[]; oldDigest: string; newDigest: string }>({
    exitCode: 3,
    message: ({ name, sites, oldDigest, newDigest }) =>
      `The bundle brings another model "${name}" (${newDigest}) than the one in the store (${oldDigest}), which the site ${sites.join(', ')} serves.`,
    remedies: ({ sites }) => [
      steps(
        'Pack the new model under another name (field `name` of BUNDLE.yaml) and import it: both can be in the store.',
        'Then set model.name in the site file to that name and deploy: the site changes over at that moment.',
      ),
      command(
        'Or remove the site if it is not needed any more, then import again',
        `sealift uninstall --site ${sites[0]} --keep-weights --yes`,
      ),
    ],
  }),
  'import.unsafe-name': spec<{ name: string }>({
    exitCode: 3,
    message: ({ name }) => `The bundle carries something named ${JSON.stringify(name)}, which is no safe folder name.`,
    remedies: () => [
      steps('Pack it again under a name of lower-case letters, digits, ".", "_" and "-", at most 63 characters.'),
    ],
  }),
  'import.unsafe-path': spec<{ name: string; path: string; problem: string }>({
    exitCode: 3,
    message: ({ name, path, problem }) => `${name} wants to write a file at ${JSON.stringify(path)}: ${problem}.`,
    remedies: () => [
      steps('Nothing was written for it. Tell the packing side: an honest packer does not make such a path.'),
    ],
  }),
  'import.unknown-layer': spec<{ name: string; mediaType: string }>({
    exitCode: 3,
    message: ({ name, mediaType }) =>
      `${name} holds a layer of the kind "${mediaType}", which cannot be laid out as files.`,
    remedies: () => [steps('Pack the model as raw layers, as "sealift bundle pack" does, or use a newer Sealift.')],
  }),
  'import.store-damaged': spec<{ path: string; problem: string }>({
    exitCode: 4,
    message: ({ path, problem }) => `The store holds something it should not: ${path}: ${problem}.`,
    remedies: ({ path }) => [steps(`Move ${path} away, then import the bundle again: it is read anew from the media.`)],
  }),
};
