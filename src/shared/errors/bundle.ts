import { shellWord } from '../shell-word.ts';
import { command, spec, steps } from './define.ts';

const packAgain = steps(
  'Nothing of it was used. Ask the packing side for this medium again, or for another copy of it.',
  'Check that it is the medium you were given: someone may have changed it on the way.',
);
const readAgain = steps(
  'Copy this medium again from the packing side, or use another copy of it: the other media can stay as they are.',
  'If the file is only read badly, try another port or reader first.',
);

/** A trusted key beside the one that signed: which of its 16 words, counted from 1, are others. */
export interface ComparedKey {
  label: string;
  words: string;
  differs: number[];
}

/** Up to four different words are a slip of the ear or hand: no other key is that near. */
function isNear({ differs }: ComparedKey): boolean {
  return differs.length <= 4;
}

function comparison(compared: readonly ComparedKey[]): string {
  if (compared.length === 0) return 'No key is trusted here yet.';
  const near = compared.find(isNear);
  if (near)
    return `The trusted key "${near.label || near.words}" differs from it in word ${near.differs.join(' and ')} only.`;
  const names = compared
    .slice(0, 5)
    .map(({ label, words }) => `"${label || words.split(' ').slice(0, 3).join(' ')} …"`);
  return `It is none of the ${compared.length} trusted keys (${names.join(', ')}), nor near to one.`;
}

/** Errors of keys, trust and the reading of bundles. */
export const bundleErrors = {
  'key.exists': spec<{ name: string; path: string }>({
    exitCode: 2,
    message: ({ name, path }) => `There is a key "${name}" already: ${path}`,
    remedies: ({ name }) => [
      command('Use the one that is there', `sealift key show ${name}`),
      steps('Or choose another name. A key is never overwritten: what it signed could not be checked any more.'),
    ],
  }),
  'key.missing': spec<{ given: string; known: string[] }>({
    exitCode: 2,
    message: ({ given, known }) =>
      `There is no key "${given}"${known.length > 0 ? `; there are: ${known.join(', ')}` : ', and none was made yet'}.`,
    remedies: () => [command('Make one', 'sealift key new NAME'), command('See which there are', 'sealift key list')],
  }),
  'key.none': spec<Record<string, never>>({
    exitCode: 2,
    message: () => 'No key that signs bundles was made here yet.',
    remedies: () => [command('Make one', 'sealift key new NAME')],
  }),
  'key.which': spec<{ known: string[] }>({
    exitCode: 2,
    message: ({ known }) => `There are several keys: ${known.join(', ')}.`,
    remedies: () => [command('Name one of them', 'sealift key show NAME')],
  }),
  'key.invalid': spec<{ path: string; wanted: string }>({
    exitCode: 2,
    message: ({ path, wanted }) => `${path} holds no ${wanted}.`,
    remedies: ({ wanted }) => [
      steps(`Name a file with an ${wanted} in PEM form, as "sealift key new" writes it.`),
      command('Make a key', 'sealift key new NAME'),
    ],
  }),
  'key.bad-fingerprint': spec<{ given: string; position: number; problem: string; near: string[] }>({
    exitCode: 2,
    message: ({ problem }) => `That is no fingerprint: ${problem}`,
    remedies: ({ near }) => [
      steps(
        ...(near.length > 0 ? [`Did the other side say: ${near.join(', ')}?`] : []),
        'Ask the packing side to read it again: 16 words, or 64 digits 0-9 and a-f ("sealift key show" prints both).',
      ),
    ],
  }),
  'trust.invalid': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `The list of trusted keys cannot be used (${path}): ${problem}`,
    remedies: ({ path }) => [
      steps(`Move ${path} away, then trust the keys again with "sealift key trust": nothing is trusted meanwhile.`),
    ],
  }),
  'trust.unknown': spec<{ given: string; known: string[] }>({
    exitCode: 2,
    message: ({ given }) => `No trusted key has the label or fingerprint "${given}".`,
    remedies: ({ known }) => [
      command('See which keys are trusted', 'sealift key list'),
      ...(known.length > 0 ? [steps(`There are: ${known.join(', ')}`)] : []),
    ],
  }),
  'trust.which': spec<{ given: string; fingerprints: string[] }>({
    exitCode: 2,
    message: ({ given, fingerprints }) => `${fingerprints.length} trusted keys have the label "${given}".`,
    remedies: ({ fingerprints }) => [steps('Name the one that is meant by its fingerprint:', ...fingerprints)],
  }),
  'bundle.not-a-bundle': spec<{ path: string; problem: string }>({
    exitCode: 2,
    message: ({ path, problem }) => `${path} is no medium of a Sealift bundle: ${problem}.`,
    remedies: () => [
      steps(
        'Name the folder where the medium is mounted (it holds a folder "sealift"), or the folder of such folders.',
      ),
    ],
  }),
  'bundle.unfinished': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `The packing of ${path} did not come to its end: it is marked UNFINISHED.`,
    remedies: () => [
      steps(
        'On the packing side, run the same "sealift bundle pack" again: it replaces what lies there. Carry the media then.',
      ),
    ],
  }),
  'bundle.malformed': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `${path} is refused: ${problem}.`,
    remedies: () => [packAgain],
  }),
  'bundle.unsigned': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} is not signed.`,
    remedies: () => [
      packAgain,
      steps('To use it nevertheless, give a reason that will stand in the report: --override-untrusted "REASON".'),
    ],
  }),
  'bundle.bad-signature': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `The signature of ${path} does not fit its content.`,
    remedies: () => [packAgain],
  }),
  'bundle.untrusted': spec<{ path: string; keyId: string; words: string; compared: ComparedKey[] }>({
    exitCode: 3,
    message: ({ path, keyId, words, compared }) =>
      `${path} is signed by a key that is not trusted here: ${words} (${keyId}). ${comparison(compared)}`,
    remedies: ({ compared }) => [
      steps(
        ...compared
          .filter(isNear)
          .flatMap(({ label, words, differs }) => [
            `Ask the packing side once more for word ${differs.join(' and ')} of the key that is trusted here as "${label || words}".`,
            `If one was wrong: sealift key untrust ${shellWord(label || words)}, then trust the right words.`,
          ]),
        'Ask the packing side, by phone or on paper, for the fingerprint of its key. Never take it from the medium itself.',
        'Type what they say, not what is shown here: sealift key trust WORD WORD …',
      ),
      steps('To use it without trust, give a reason that will stand in the report: --override-untrusted "REASON".'),
    ],
  }),
  'bundle.unknown-payload-type': spec<{ path: string; found: string; wanted: string }>({
    exitCode: 3,
    message: ({ path, found, wanted }) => `${path} is signed, but as "${found}"; it must be "${wanted}".`,
    remedies: () => [packAgain],
  }),
  'bundle.newer-format': spec<{ path: string; found: number; known: number }>({
    exitCode: 3,
    message: ({ path, found, known }) => `${path} has format version ${found}; this Sealift reads up to ${known}.`,
    remedies: () => [
      steps(
        'Install the Sealift that packed it: look for its installer in the folder "sealift/app" of the media.',
        'Or ask the packing side to pack with this version.',
      ),
    ],
  }),
  'bundle.foreign': spec<{ path: string; otherPath: string; id: string; otherId: string }>({
    exitCode: 3,
    message: ({ path, id, otherPath, otherId }) =>
      `The media belong to two bundles: ${otherPath} to ${otherId}, ${path} to ${id}.`,
    remedies: ({ path }) => [
      steps(`Take out ${path}, or name only the media of one bundle. Bundles are imported one after another.`),
    ],
  }),
  'bundle.duplicate-medium': spec<{ ordinal: number; paths: string[] }>({
    exitCode: 3,
    message: ({ ordinal, paths }) => `Medium ${ordinal} is there more than once: ${paths.join(' and ')}.`,
    remedies: () => [steps('Name each medium once; of two copies of the same medium, take one out.')],
  }),
  'bundle.swapped-medium': spec<{ path: string; ordinal: number; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `${path} is not a medium of this bundle's list: ${problem}.`,
    remedies: ({ ordinal }) => [
      steps(`Use the medium ${ordinal} that was packed together with the others: an older or newer one does not fit.`),
    ],
  }),
  'bundle.link': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} is a link or no plain file; on a medium none is followed.`,
    remedies: () => [packAgain],
  }),
  'bundle.damaged': spec<{ medium: string; path: string; block: number; offsetBytes: number; lengthBytes: number }>({
    exitCode: 4,
    message: ({ medium, path, block, offsetBytes, lengthBytes }) =>
      `Medium ${medium} is damaged: block ${block} of ${path} (${lengthBytes} bytes from byte ${offsetBytes}) is not what was signed.`,
    remedies: () => [readAgain],
  }),
  'bundle.truncated': spec<{ medium: string; path: string; sizeBytes: number; foundBytes: number }>({
    exitCode: 4,
    message: ({ medium, path, sizeBytes, foundBytes }) =>
      `Medium ${medium} is damaged: ${path} has ${foundBytes} bytes, ${sizeBytes} were signed.`,
    remedies: () => [readAgain],
  }),
  'bundle.missing-file': spec<{ medium: string; path: string }>({
    exitCode: 4,
    message: ({ medium, path }) => `Medium ${medium} lacks a file that it lists: ${path}`,
    remedies: () => [readAgain],
  }),
  'bundle.content-mismatch': spec<{ what: string; problem: string }>({
    exitCode: 3,
    message: ({ what, problem }) => `${what} contradicts what the bundle says of it: ${problem}.`,
    remedies: () => [packAgain],
  }),
};
