import type { AppError } from '../../shared/errors/app-error.ts';
import type { Remedy } from '../../shared/errors/define.ts';
import { plainJson, plainText } from '../../shared/plain-text.ts';
import type { Outcome } from './cli.ts';

/** What goes to standard output for a done command: one JSON object, or lines for people. */
export function outcomeText(outcome: Outcome, json: boolean): string {
  return json ? `${plainJson({ ok: true, data: outcome.data })}\n` : plainText(`${outcome.human.trimEnd()}\n`);
}

/** The JSON object of a failed command. */
export function errorJson(error: AppError): string {
  const { code, message, cause, remedies, details, ref } = error.wire;
  return `${plainJson({ ok: false, error: { code, message, ...(cause && { cause }), remedies, details, ...(ref && { ref }) } })}\n`;
}

/** A failed command for people: what, why, and the ways out. */
export function errorLines(error: AppError): string {
  const { message, cause, code, remedies } = error.wire;
  const lines = [`■ ${message}`];
  if (cause) lines.push(`  Cause: ${cause}`);
  lines.push('  What to do:', ...remedies.flatMap(remedyLines), `  (${code})`);
  return plainText(`${lines.join('\n')}\n`);
}

/** The lines of one remedy, as a list. */
export function remedyLines(remedy: Remedy): string[] {
  if (remedy.kind === 'call') return [`  - ${remedy.label}: ${remedy.command}`];
  return remedy.steps.map((step) => `  - ${step}`);
}
