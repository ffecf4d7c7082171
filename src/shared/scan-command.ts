import { scanResult } from './bundle-evidence.ts';

/** A command that can be run as a scanner: it names a program, and its double quotes are closed. */
export const scanCommand = scanResult.shape.command
  .refine((text) => text.split('"').length % 2 === 1, 'has a double quote that is not closed')
  .refine((text) => (scanWords(text)[0] ?? '') !== '', 'names no program');

/** Splits a command at white space. Double quotes hold a word together; a backslash means nothing, so that Windows paths stay whole. */
export function scanWords(command: string): string[] {
  return (command.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((word) => word.replaceAll('"', ''));
}
