import { timeText } from '../time-text.ts';
import { command, spec, steps } from './define.ts';

/** Errors about signing keys and which of them are trusted. */
export const keyErrors = {
  'key.exists': spec<{ name: string; path: string }>({
    exitCode: 2,
    message: ({ name, path }) => `A key named "${name}" already exists: ${path}`,
    remedies: ({ name }) => [
      command('Use the existing key', `sealift key show ${name}`),
      steps(
        'Or choose another name. Keys are never overwritten, because bundles they signed could no longer be verified.',
      ),
    ],
  }),
  'key.missing': spec<{ given: string; known: string[] }>({
    exitCode: 2,
    message: ({ given, known }) =>
      known.length > 0
        ? `No key named "${given}". Existing keys: ${known.join(', ')}.`
        : `No key named "${given}": no keys have been created yet.`,
    remedies: () => [command('Create a key', 'sealift key new NAME'), command('List the keys', 'sealift key list')],
  }),
  'key.none': spec<Record<string, never>>({
    exitCode: 2,
    message: () => 'No signing key has been created here yet.',
    remedies: () => [command('Create a key', 'sealift key new NAME')],
  }),
  'key.which': spec<{ known: string[] }>({
    exitCode: 2,
    message: ({ known }) => `Several keys exist: ${known.join(', ')}.`,
    remedies: () => [command('Name one of them', 'sealift key show NAME')],
  }),
  'key.invalid': spec<{ path: string; wanted: string }>({
    exitCode: 2,
    message: ({ path, wanted }) => `${path} does not contain an ${wanted}.`,
    remedies: ({ wanted }) => [
      steps(`Name a PEM file with an ${wanted}, such as one written by "sealift key new".`),
      command('Create a key', 'sealift key new NAME'),
    ],
  }),
  'key.locked': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `The private key ${path} is protected by a passphrase.`,
    remedies: () => [
      steps(
        'Run the command at a terminal, which asks for the passphrase.',
        'In a script, name a file that holds it: --passphrase-file FILE.',
      ),
    ],
  }),
  'key.wrong-passphrase': spec<{ path: string }>({
    exitCode: 2,
    message: ({ path }) => `The passphrase does not open the private key ${path}.`,
    remedies: () => [
      steps(
        'Type it again. In a passphrase file only the first line counts, without the line break.',
        'If it is lost, the key is too: create a new one with "sealift key new", and tell the other side its fingerprint.',
      ),
    ],
  }),
  'key.revoked': spec<{ words: string; at: string; reason: string }>({
    exitCode: 3,
    message: ({ words, at, reason }) => `The key ${words} was revoked ${timeText(at)}: ${reason}`,
    remedies: () => [
      steps('Use another key. A revoked key stays revoked: someone else may have it.'),
      command('Create a key', 'sealift key new NAME'),
    ],
  }),
  'key.bad-fingerprint': spec<{ given: string; position: number; problem: string; near: string[] }>({
    exitCode: 2,
    message: ({ problem }) => `Not a valid fingerprint: ${problem}`,
    remedies: ({ near }) => [
      steps(
        ...(near.length > 0 ? [`Did the other side say: ${near.join(', ')}?`] : []),
        'Ask the packing side to read it out again: 16 words, or 64 digits 0-9 and a-f ("sealift key show" prints both).',
      ),
    ],
  }),
  'trust.invalid': spec<{ path: string; problem: string }>({
    exitCode: 3,
    message: ({ path, problem }) => `Cannot read the list of trusted keys (${path}): ${problem}`,
    remedies: ({ path }) => [
      steps(`Move ${path} away, then trust the keys again with "sealift key trust". Until then no key is trusted.`),
    ],
  }),
  'trust.unknown': spec<{ given: string; known: string[] }>({
    exitCode: 2,
    message: ({ given }) => `No trusted key has the label or fingerprint "${given}".`,
    remedies: ({ known }) => [
      command('List the trusted keys', 'sealift key list'),
      ...(known.length > 0 ? [steps(`Trusted keys: ${known.join(', ')}`)] : []),
    ],
  }),
  'trust.which': spec<{ given: string; fingerprints: string[] }>({
    exitCode: 2,
    message: ({ given, fingerprints }) => `${fingerprints.length} trusted keys have the label "${given}".`,
    remedies: ({ fingerprints }) => [steps('Use the fingerprint of the key you mean:', ...fingerprints)],
  }),
};
