import type si from 'systeminformation';

/** Asks systeminformation, which is loaded only now: loading it takes longer than running many a command. */
export async function askLibrary<T>(question: (library: typeof si) => Promise<T>): Promise<T> {
  return question((await import('systeminformation')).default);
}
