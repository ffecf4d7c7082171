import { shellWord } from '../shell-word.ts';
import { spec, steps } from './define.ts';

/** Errors about what a source of a bundle's contents lacks, or cannot prove. */
export const packSourceErrors = {
  'pack.not-signed': spec<{ reference: string; by: string; problem: string }>({
    exitCode: 3,
    message: ({ reference, by, problem }) => `${reference} has no signature by ${by}: ${problem}.`,
    remedies: () => [
      steps(
        "Check the reference, and get the publisher's current key, or the identity that signs, from the publisher.",
        'If you trust the image without this signature, remove `verify` from its entry in BUNDLE.yaml.',
      ),
    ],
  }),
  'pack.repository-unsigned': spec<{ url: string; keyring: string; problem: string }>({
    exitCode: 3,
    message: ({ url, keyring, problem }) => `${url} has no valid signature by a key of ${keyring}: ${problem}.`,
    remedies: () => [
      steps(
        "Get the repository's current keys from its publisher, and name their file under `keyring` in BUNDLE.yaml.",
        'gpgv checks signatures: on Debian and Ubuntu, it is in the package gpgv.',
        'If the keys are right, a proxy or mirror in between may have changed the file: name another address.',
      ),
    ],
  }),
  'pack.packages-unresolved': spec<{ packages: string[]; problems: string[] }>({
    exitCode: 3,
    message: ({ packages, problems }) =>
      `Cannot find everything that ${packages.join(', ')} need: ${problems.slice(0, 3).join('; ')}${problems.length > 3 ? ` and ${problems.length - 3} more` : ''}.`,
    remedies: ({ packages }) => [
      steps(
        'Where there is a choice, add the name of one to `packages` in BUNDLE.yaml. Where something is missing, add its suite or repository to `sources`.',
        `Or take the list from a machine of that distribution, fetch the files, and name them with \`paths\`: apt-get install --print-uris --yes --no-install-recommends ${packages.map(shellWord).join(' ')}`,
      ),
    ],
  }),
  'pack.no-quantisation': spec<{ repository: string; wanted: string; known: string[] }>({
    exitCode: 2,
    message: ({ repository, wanted, known }) =>
      `${repository} has no GGUF file in the quantisation ${wanted}. ${known.length === 0 ? 'No name of its files shows a quantisation.' : `It has ${known.slice(0, 30).join(', ')}.`}`,
    remedies: () => [
      steps('Name one of these under `quantisation` in BUNDLE.yaml, or choose files by their names with `include`.'),
    ],
  }),
  'pack.ollama-absent': spec<{ name: string; store: string; problem: string; near: string[] }>({
    exitCode: 2,
    message: ({ name, store, problem, near }) =>
      `Cannot pack ${name} from Ollama's store ${store}: ${problem}.${near.length > 0 ? ` Similar names: ${near.join(', ')}.` : ''}`,
    remedies: ({ name }) => [
      steps(
        `See what Ollama has: ollama list. Fetch the model on this machine: ollama pull ${shellWord(name)}`,
        'If Ollama runs as a service, name the folder of its models under `store` in BUNDLE.yaml, often /usr/share/ollama/.ollama/models.',
      ),
    ],
  }),
};
