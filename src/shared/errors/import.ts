import { spec, steps } from './define.ts';

/** Errors of the import. */
export const importErrors = {
  'import.medium-missing': spec<{ labels: string[]; dirs: string[] }>({
    exitCode: 4,
    retryable: true,
    message: ({ labels }) =>
      `The import is not complete: ${labels.join(', ')} ${labels.length === 1 ? 'is' : 'are'} missing. What was there is imported.`,
    remedies: ({ labels }) => [
      steps(`Put in ${labels.join(', ')} and run: sealift import DIR (only what is missing need be there).`),
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
