import { shellWord } from '../shell-word.ts';
import { timeText } from '../time-text.ts';
import { command, spec, steps } from './define.ts';

const packAgain = steps(
  'Nothing on it was used. Ask the packing side for this medium again, or for another copy.',
  'Check that it is the medium you were given: someone may have changed it in transit.',
);
const readAgain = steps(
  'Try another port or reader first: the medium may only be hard to read.',
  'If it fails again, copy this medium again on the packing side, or use another copy. The other media are not affected.',
  'To get only the damaged blocks: sealift bundle repair-request DIR --out repair-request.json',
);

/** A trusted key compared with the signing key. `differs` lists the positions (from 1) of the words that differ, out of 16. */
export interface ComparedKey {
  label: string;
  words: string;
  differs: number[];
}

/** Returns whether at most four words differ, which means a typing or hearing mistake: two different keys are never this close. */
function isNear({ differs }: ComparedKey): boolean {
  return differs.length <= 4;
}

function comparison(compared: readonly ComparedKey[]): string {
  if (compared.length === 0) return 'No key is trusted here yet.';
  const near = compared.find(isNear);
  if (near) return `The trusted key "${near.label || near.words}" differs only in word ${near.differs.join(' and ')}.`;
  const names = compared
    .slice(0, 5)
    .map(({ label, words }) => `"${label || words.split(' ').slice(0, 3).join(' ')} …"`);
  return `It does not resemble any of the ${compared.length} trusted keys (${names.join(', ')}).`;
}

/** Errors about reading bundles. */
export const bundleErrors = {
  'bundle.one-signature': spec<{ name: string; second: string; isOnePerson: boolean }>({
    exitCode: 3,
    message: ({ name, second, isOnePerson }) => {
      if (second !== '')
        return `The second signature of the bundle ${name} is by a key that is not trusted here: ${second}.`;
      return isOnePerson
        ? `Both signatures of the bundle ${name} are by the same person, and this data folder requires two people.`
        : `Only one person signed the bundle ${name}, and this data folder requires two.`;
    },
    remedies: ({ second }) => [
      steps(
        second === ''
          ? 'Have a second person verify the media and sign them: sealift bundle countersign DIR'
          : 'Compare these words with those of the second person, by phone or on paper, then trust the key: sealift key trust WORD …',
      ),
      command('Stop requiring two signatures', 'sealift key require 1'),
    ],
  }),
  'bundle.no-head': spec<{ labels: string[] }>({
    exitCode: 2,
    message: ({ labels }) => `The bundle's table of contents is not on ${labels.join(', ')}: it is on the last medium.`,
    remedies: () => [steps('Name the last medium too, then run the same command again.')],
  }),
  'bundle.same-signer': spec<{ name: string; isSameKey: boolean }>({
    exitCode: 2,
    message: ({ name, isSameKey }) =>
      `The bundle ${name} is already signed with ${isSameKey ? 'this key' : 'another key of the same person, according to the known key replacements'}: the second signature must be by another person.`,
    remedies: () => [
      steps('Let the second person run this command with a key of their own: --key NAME'),
      command('List the keys', 'sealift key list'),
    ],
  }),
  'bundle.countersigned': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `The bundle has a second signature already: ${path}`,
    remedies: ({ path }) => [
      steps(`See whose it is: sealift bundle inspect DIR. To replace it, remove it first: rm ${shellWord(path)}`),
    ],
  }),
  'bundle.not-a-bundle': spec<{ path: string; problem: string }>({
    exitCode: 2,
    message: ({ path, problem }) => `${path} is not a medium of a Sealift bundle: ${problem}.`,
    remedies: () => [
      steps(
        'Name the folder where the medium is mounted (it contains a folder "sealift"), or a folder that contains such folders.',
      ),
    ],
  }),
  'bundle.unfinished': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `Packing of ${path} did not finish: it is marked UNFINISHED.`,
    remedies: () => [
      steps(
        'On the packing side, run the same "sealift bundle pack" again: it resumes the unfinished bundle. Then carry the media over.',
      ),
    ],
  }),
  'bundle.malformed': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `${path} was rejected: ${problem}.`,
    remedies: () => [packAgain],
  }),
  'bundle.unsigned': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} is not signed.`,
    remedies: () => [
      packAgain,
      steps('To use it anyway, state a reason, which will appear in the report: --override-untrusted "REASON".'),
    ],
  }),
  'bundle.bad-signature': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `The signature of ${path} does not match its content.`,
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
            `Ask the packing side again for word ${differs.join(' and ')} of the key trusted here as "${label || words}".`,
            `If a word was wrong, run sealift key untrust ${shellWord(label || words)}, then trust the correct words.`,
          ]),
        'Ask the packing side, by phone or on paper, for the fingerprint of its key. Never take it from the medium itself.',
        'Type what they say, not what is shown above: sealift key trust WORD WORD …',
      ),
      steps(
        'To use it without trusting the key, state a reason, which will appear in the report: --override-untrusted "REASON".',
      ),
    ],
  }),
  'bundle.revoked-key': spec<{ path: string; keyId: string; words: string; at: string; reason: string }>({
    exitCode: 3,
    message: ({ path, words, at, reason }) =>
      `${path} is signed by a key that was revoked ${timeText(at)}: ${words}. Reason: ${reason}`,
    remedies: () => [
      steps(
        'Ask the packing side to pack the bundle again with another key. Someone else may have the revoked one.',
        'Ask for the fingerprint of that key by phone or on paper, then trust it: sealift key trust WORD WORD …',
      ),
      steps('To use it anyway, state a reason, which will appear in the report: --override-untrusted "REASON".'),
    ],
  }),
  'bundle.new-key': spec<{ path: string; keyId: string; words: string; old: string; label: string }>({
    exitCode: 3,
    message: ({ path, words, old }) =>
      `${path} is signed by a new key: ${words}. The trusted key "${old}" names it as its successor.`,
    remedies: ({ words, label }) => [
      steps('If in doubt, ask the packing side by phone or on paper whether they replaced their key.'),
      command('Trust the new key', `sealift key trust ${words}${label === '' ? '' : ` --label ${shellWord(label)}`}`),
    ],
  }),
  'bundle.unknown-payload-type': spec<{ path: string; found: string; wanted: string }>({
    exitCode: 3,
    message: ({ path, found, wanted }) => `${path} is signed with payload type "${found}"; it must be "${wanted}".`,
    remedies: () => [packAgain],
  }),
  'bundle.newer-format': spec<{ path: string; found: number; known: number; installer?: string }>({
    exitCode: 3,
    message: ({ path, found, known }) =>
      `${path} has format version ${found}; this version of Sealift reads up to ${known}.`,
    remedies: ({ installer }) => [
      steps(
        ...(installer === undefined
          ? ['Install the version of Sealift that packed it: it is in the folder "sealift/app" of the first medium.']
          : [
              'The installer on this medium was not checked. First check who packed it: START-HERE.txt there says how, and the packer tells you the fingerprint of their key by phone or on paper.',
              `Update Sealift from the medium: sh ${shellWord(installer)}`,
              'To return to this version: sealift self rollback',
            ]),
        'Or ask the packing side to pack the bundle with this version.',
      ),
    ],
  }),
  'bundle.foreign': spec<{ path: string; otherPath: string; id: string; otherId: string }>({
    exitCode: 3,
    message: ({ path, id, otherPath, otherId }) =>
      `The media belong to two different bundles: ${otherPath} to ${otherId}, ${path} to ${id}.`,
    remedies: ({ path }) => [
      steps(`Remove ${path}, or name only the media of one bundle. Import one bundle at a time.`),
    ],
  }),
  'bundle.duplicate-medium': spec<{ ordinal: number; paths: string[] }>({
    exitCode: 3,
    message: ({ ordinal, paths }) => `Medium ${ordinal} was found more than once: ${paths.join(' and ')}.`,
    remedies: () => [steps('Name each medium once. If there are two copies of a medium, remove one.')],
  }),
  'bundle.swapped-medium': spec<{ path: string; ordinal: number; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `${path} is not one of this bundle's media: ${problem}.`,
    remedies: ({ ordinal }) => [
      steps(
        `Use the medium ${ordinal} that was packed together with the others; an older or newer one does not match.`,
      ),
    ],
  }),
  'bundle.link': spec<{ path: string }>({
    exitCode: 3,
    message: ({ path }) => `${path} is a link or not a regular file; Sealift only reads regular files from a medium.`,
    remedies: () => [packAgain],
  }),
  'bundle.damaged': spec<{ medium: string; path: string; block: number; offsetBytes: number; lengthBytes: number }>({
    exitCode: 4,
    message: ({ medium, path, block, offsetBytes, lengthBytes }) =>
      `Medium ${medium} is damaged: block ${block} of ${path} (${lengthBytes} bytes from byte ${offsetBytes}) does not match what was signed.`,
    remedies: () => [readAgain],
  }),
  'bundle.truncated': spec<{ medium: string; path: string; sizeBytes: number; foundBytes: number }>({
    exitCode: 4,
    message: ({ medium, path, sizeBytes, foundBytes }) =>
      `Medium ${medium} is damaged: ${path} has ${foundBytes} bytes, but ${sizeBytes} were signed.`,
    remedies: () => [readAgain],
  }),
  'bundle.missing-file': spec<{ medium: string; path: string }>({
    exitCode: 4,
    message: ({ medium, path }) => `A file listed on medium ${medium} is missing: ${path}`,
    remedies: () => [readAgain],
  }),
  'repair.not-needed': spec<{ labels: string[] }>({
    exitCode: 2,
    message: ({ labels }) => `No block of ${labels.join(', ')} is damaged, so there is nothing to ask for.`,
    remedies: () => [steps('If something else is wrong with them, this says what: sealift bundle verify DIR')],
  }),
  'repair.too-much': spec<{ labels: string[] }>({
    exitCode: 3,
    message: ({ labels }) => `Too many blocks of ${labels.join(', ')} are damaged or missing for one repair request.`,
    remedies: ({ labels }) => [
      steps(
        ...(labels.length > 1
          ? ['Write one request for each medium: sealift bundle repair-request DIR --out repair-request.json']
          : []),
        'A medium that has lost this much: copy it again as a whole on the packing side, or use another copy.',
      ),
    ],
  }),
  'repair.invalid': spec<{ path: string; issues: string[] }>({
    exitCode: 2,
    message: ({ path, issues }) => `${path} is not a usable repair request: ${issues.join('; ')}.`,
    remedies: () => [
      steps('Write a new one where the damaged media are: sealift bundle repair-request DIR --out repair-request.json'),
    ],
  }),
  'bundle.content-mismatch': spec<{ what: string; problem: string }>({
    exitCode: 3,
    message: ({ what, problem }) => `${what} does not match the bundle's description of it: ${problem}.`,
    remedies: () => [packAgain],
  }),
};
