import { fewNames } from '../bounded-text.ts';
import { shellWord } from '../shell-word.ts';
import { spec, steps } from './define.ts';

type NamedIn = 'BUNDLE.yaml' | 'site.yaml' | undefined;

interface Named extends Record<string, unknown> {
  path: string;
  names: string[];
}

const downloadAgain = (path: string) =>
  `On the connected machine, run the download again and let it finish: hf download REPOSITORY --local-dir ${shellWord(path)}`;
const otherwiseFiles =
  'If no engine needs to load it from here, pack it as plain files: `kind: files` with `paths` in BUNDLE.yaml.';

/** Errors from judging a model's folder: before it is packed, after an import, and before an engine loads it. */
export const modelFolderErrors = {
  'model.download-unfinished': spec<Named>({
    exitCode: 3,
    message: ({ path, names }) => `The download of ${path} is not finished: ${fewNames(names)}.`,
    remedies: ({ path }) => [
      steps(
        downloadAgain(path),
        'If the download was finished and these files are leftovers, compare the sizes with the publisher, then remove them.',
      ),
    ],
  }),
  'model.pieces-unjoined': spec<Named>({
    exitCode: 3,
    message: ({ path, names }) => `${path} has weights in pieces that no engine can load: ${fewNames(names)}.`,
    remedies: () => [
      steps(
        'Join the pieces in order, such as: cat FILE.gguf.part1of2 FILE.gguf.part2of2 > FILE.gguf',
        'Then remove the pieces.',
      ),
    ],
  }),
  'model.parts-missing': spec<Named>({
    exitCode: 3,
    message: ({ path, names }) => `${path} lacks parts of its weights: ${fewNames(names)}.`,
    remedies: ({ path }) => [
      steps(downloadAgain(path), 'If the part is there under another name, give it the name above.'),
    ],
  }),
  'model.shards-mixed': spec<Named>({
    exitCode: 3,
    message: ({ path, names }) => `The parts of ${path} do not belong to one model: ${fewNames(names)}.`,
    remedies: ({ path }) => [
      steps(
        downloadAgain(path),
        'Parts of two downloads, or of two revisions, look like this. With --revision, all of them come from one.',
      ),
    ],
  }),
  'model.tensors-unlisted': spec<Named>({
    exitCode: 3,
    message: ({ path, names }) => `${path} has tensors that its index does not list: ${fewNames(names)}.`,
    remedies: ({ path }) => [
      steps('Compare the index and the shards with those of the publisher.', `If they differ: ${downloadAgain(path)}`),
    ],
  }),
  'model.zeros': spec<Named>({
    exitCode: 3,
    message: ({ path, names }) => `${path} has zeros where weights should be: ${fewNames(names)}.`,
    remedies: ({ path }) => [
      steps(
        'A download that reserved the space of its files and did not finish looks like this, although the sizes are right.',
        downloadAgain(path),
      ),
    ],
  }),
  'model.misnamed': spec<{ path: string; kind: string; ending: string }>({
    exitCode: 3,
    message: ({ path, kind, ending }) =>
      `${path} is ${kind}, which engines load only under a name that ends in .${ending}.`,
    remedies: ({ path, ending }) => [
      steps(`Rename it: mv ${shellWord(path)} ${shellWord(`${path.replace(/\.\w+$/, '')}.${ending}`)}`),
    ],
  }),
  'model.vocabulary-missing': spec<Named>({
    exitCode: 3,
    message: ({ path, names }) => `vLLM cannot load ${path}: ${fewNames(names)} has no vocabulary.`,
    remedies: ({ path }) => [steps(downloadAgain(path), otherwiseFiles)],
  }),
  'model.files-missing': spec<{ path: string; missing: string[] }>({
    exitCode: 3,
    message: ({ path, missing }) => `vLLM cannot load ${path}: it lacks ${missing.join(' and ')}.`,
    remedies: ({ path }) => [
      steps(`${downloadAgain(path)}. The files must be in that folder itself, not below it.`, otherwiseFiles),
    ],
  }),
  'model.adapter-only': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} has an adapter (LoRA) without the model that it changes.`,
    remedies: () => [
      steps(
        'Merge the adapter into its base model on the connected machine (merge_and_unload of the Python package peft), and pack the result.',
        otherwiseFiles,
      ),
    ],
  }),
  'model.no-weights': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} has no weights of a model.`,
    remedies: ({ path }) => [
      steps(`See what it contains: ls -la ${shellWord(path)}`, downloadAgain(path), otherwiseFiles),
    ],
  }),
  'model.projector-only': spec<Named>({
    exitCode: 3,
    message: ({ path, names }) => `${path} has a projector (${fewNames(names)}) without the model that it belongs to.`,
    remedies: () => [steps('Download the GGUF of the model into the same folder, then pack again.', otherwiseFiles)],
  }),
  'model.served-unclear': spec<{ path: string; candidates: string[]; namedIn?: NamedIn; field?: string }>({
    exitCode: 2,
    message: ({ path, candidates, namedIn }) =>
      `${path} has several GGUF models, and ${namedIn ?? 'the path'} does not say which is served: ${fewNames(candidates)}.`,
    remedies: ({ path, candidates: [first = 'FILE.gguf'], namedIn, field = 'model.serve' }) => [
      namedIn === 'BUNDLE.yaml'
        ? steps(
            `In BUNDLE.yaml, add the name of one to this content, such as serve: ${JSON.stringify(first)}`,
            'To carry only that one, move the others out of the folder.',
          )
        : namedIn === 'site.yaml'
          ? steps(`In site.yaml, set ${field} to one of them, such as ${JSON.stringify(first)}.`)
          : steps(`Name the file instead of its folder, such as ${shellWord(`${path}/${first}`)}`),
    ],
  }),
  'model.served-absent': spec<{
    path: string;
    serve: string;
    candidates: string[];
    namedIn?: NamedIn;
    field?: string;
  }>({
    exitCode: 2,
    message: ({ path, serve, candidates, namedIn }) =>
      `${namedIn} serves ${serve}, which is not a GGUF model in ${path}; it has: ${fewNames(candidates) || 'none'}.`,
    remedies: ({ namedIn, field = 'serve' }) => [
      steps(`In ${namedIn}, correct ${field} to one of these names, or remove it if there is only one.`),
    ],
  }),
  'model.code-elsewhere': spec<{ path: string; references: string[] }>({
    exitCode: 3,
    message: ({ path, references }) => `${path} needs code from another repository: ${fewNames(references)}.`,
    remedies: ({ path }) => [
      steps(
        `On the connected machine, download the Python files of the repository before "--" into the folder: hf download REPOSITORY --include "*.py" --local-dir ${shellWord(path)}`,
        'In `auto_map` of the .json files, remove that repository and the "--", so that only "module.Class" remains.',
        'Read the code first: the engine runs it. Then pack again.',
      ),
    ],
  }),
  'model.parts-elsewhere': spec<{ path: string; references: string[] }>({
    exitCode: 3,
    message: ({ path, references }) =>
      `${path} needs a part of the model from another repository: ${fewNames(references)}.`,
    remedies: ({ path }) => [
      steps(
        `On the connected machine, download that repository into a folder inside this one: hf download REPOSITORY --local-dir ${shellWord(`${path}/REPOSITORY`)}`,
        'In config.json, put the path at which the engine sees that folder in place of the repository: /model/REPOSITORY',
        'Or take a form of the model that contains all of its parts. For LLaVA, its repositories that end in -hf do.',
      ),
    ],
  }),
  'model.code-missing': spec<Named>({
    exitCode: 3,
    message: ({ path, names }) => `${path} lacks code that its configuration names in auto_map: ${fewNames(names)}.`,
    remedies: ({ path }) => [
      steps(
        `Download it from the model's repository: hf download REPOSITORY --include "*.py" --local-dir ${shellWord(path)}`,
        'If the engine knows the architecture without that code, remove `auto_map` from the configuration.',
      ),
    ],
  }),
  'model.carried-twice': spec<{ path: string; kept: string; names: string[] }>({
    exitCode: 3,
    message: ({ path, kept, names }) =>
      `${path} has its weights more than once: those with ${kept} are used, leaving out ${fewNames(names)}.`,
    remedies: ({ kept }) => [
      steps(`To use another form, move the files of this one (${kept} and its index) out of the folder.`),
    ],
  }),
  'model.cache-unclear': spec<{ path: string; found: string[] }>({
    exitCode: 2,
    message: ({ path, found }) =>
      found.length === 0
        ? `${path} is a Hugging Face cache without a downloaded snapshot.`
        : `${path} is a Hugging Face cache with several snapshots: ${fewNames(found)}.`,
    remedies: ({ found }) => [
      found.length === 0
        ? steps('On the connected machine, run the download again and let it finish: hf download REPOSITORY')
        : steps(`In BUNDLE.yaml, name the snapshot that you want as path, such as: ${shellWord(found[0] ?? '')}`),
    ],
  }),
};
