import type { AppError } from '../../shared/errors/app-error.ts';
import type { Remedy } from '../../shared/errors/define.ts';
import { plainJson, plainLine, plainText } from '../../shared/plain-text.ts';
import type { Outcome } from './cli.ts';

/** Returns the standard output of a successful command: one JSON object, or lines for people. */
export function outcomeText(outcome: Outcome, json: boolean): string {
  return json ? `${plainJson({ ok: true, data: outcome.data })}\n` : plainText(`${outcome.human.trimEnd()}\n`);
}

/** Returns a failed command as a JSON object. */
export function errorJson(error: AppError): string {
  const { code, message, cause, remedies, details, ref } = error.wire;
  return `${plainJson({ ok: false, error: { code, message, ...(cause && { cause }), remedies, details, ...(ref && { ref }) } })}\n`;
}

/** Returns a failed command as lines for people: what failed, the cause, and what to do. */
export function errorLines(error: AppError): string {
  const { message, cause, code, remedies } = error.wire;
  const lines = [`■ ${plainLine(message)}`];
  if (cause) lines.push(`  Cause: ${plainLine(cause)}`);
  lines.push('  What to do:', ...remedies.flatMap(remedyLines), `  (${code})`);
  return `${lines.join('\n')}\n`;
}

/** Returns one remedy as list items. */
export function remedyLines(remedy: Remedy): string[] {
  const items = remedy.kind === 'call' ? [`${remedy.label}: ${remedy.command}`] : remedy.steps;
  return items.map((item) => `  - ${plainLine(item)}`);
}
