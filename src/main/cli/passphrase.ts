import { resolve } from 'node:path';
import { AppError, appError } from '../../shared/errors/app-error.ts';
import { readNamed } from '../core/files/read-bounded.ts';
import { askSecret, canAsk } from './ask.ts';

/** Options of a command that signs. */
export interface PassphraseOptions {
  passphraseFile?: string;
}

/** The option for scripts. A passphrase is never an argument, which other users of the machine could read. */
export const passphraseOption = ['--passphrase-file <file>', 'file with the passphrase of the private key'] as const;

const maxFileBytes = 4096;

/** Returns the first line of the passphrase file; undefined without the option. Throws `file.missing`. */
export async function readPassphrase({ passphraseFile }: PassphraseOptions): Promise<{ passphrase?: string }> {
  if (passphraseFile === undefined) return {};
  const text = await readNamed(resolve(passphraseFile), maxFileBytes, 'The passphrase file');
  return { passphrase: text.toString().split(/\r?\n/, 1)[0] ?? '' };
}

/** Runs what signs with a key. If that needs a passphrase and none was given, a person at a terminal is asked for it. */
export async function withPassphrase<T>(
  options: PassphraseOptions,
  run: (given: { passphrase?: string }) => Promise<T>,
): Promise<T> {
  const given = await readPassphrase(options);
  try {
    return await run(given);
  } catch (thrown) {
    const isLocked = thrown instanceof AppError && thrown.code === 'key.locked';
    if (!isLocked || !canAsk()) throw thrown;
    const passphrase = await askSecret(`Passphrase of ${String(thrown.wire.details.path)}:`);
    if (passphrase === undefined || passphrase === '') throw thrown;
    return run({ passphrase });
  }
}

/** Returns the passphrase for a new key: from the file or, with `asks`, typed twice at the terminal. Throws `usage.invalid`. */
export async function newPassphrase(
  options: PassphraseOptions & { passphrase?: boolean },
): Promise<{ passphrase?: string }> {
  if (!options.passphrase) return readPassphrase(options);
  const refuse = (problem: string) => appError('usage.invalid', { problem, command: 'key new' });
  if (!canAsk()) throw refuse('--passphrase asks at a terminal; in a script, use --passphrase-file');
  const passphrase = await askSecret('Passphrase of the new key:');
  const again = await askSecret('The same again:');
  if (passphrase === undefined || passphrase !== again) throw refuse('the two passphrases differ; nothing was created');
  return { passphrase };
}
