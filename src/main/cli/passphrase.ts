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

/** Returns the passphrase that opens the private key at a path: from the file, or typed at the terminal. Throws `key.locked`. */
export async function currentPassphrase(options: PassphraseOptions, path: string): Promise<{ passphrase?: string }> {
  const given = await readPassphrase(options);
  if (given.passphrase !== undefined) return given;
  const passphrase = canAsk() ? await askSecret('Current passphrase:') : undefined;
  if (passphrase === undefined || passphrase === '') throw appError('key.locked', { path });
  return { passphrase };
}

/** Asks for a passphrase that is new, twice. Throws `usage.invalid` without a terminal, which `inScripts` replaces, or when they differ. */
export async function askNewPassphrase(command: string, inScripts: string): Promise<string> {
  const refuse = (problem: string) => appError('usage.invalid', { problem, command });
  if (!canAsk()) throw refuse(`the new passphrase is asked for at a terminal; in a script, use ${inScripts}`);
  const passphrase = await askSecret('New passphrase of the key:');
  const again = await askSecret('The same again:');
  if (passphrase === undefined || passphrase !== again) throw refuse('the two passphrases differ; nothing was changed');
  return passphrase;
}
