import { z } from 'zod';
import { boundedText } from '../../../shared/bounded-text.ts';
import { redact } from '../../../shared/errors/app-error.ts';
import { plainLine } from '../../../shared/plain-text.ts';
import { readBody } from '../http/read-body.ts';

const maxBytes = 64 * 1024;
const maxChars = 300;
/** The errors of a registry (OCI distribution specification 1.1, "Error codes"). */
const registryErrors = z.object({
  errors: z.array(
    z.object({ code: z.string().optional(), message: z.string().optional(), detail: z.unknown().optional() }),
  ),
});

/** Returns an answer's status with what a registry says about it, in one short line: `HTTP 403 (DENIED: quota exceeded)`. Reads the body. */
export async function answerWords({ status, body }: { status: number; body: AsyncIterable<Buffer> }): Promise<string> {
  const bytes = await readBody(body, maxBytes).catch(() => undefined);
  const said = saidIn(bytes?.toString('utf8') ?? '');
  return said === '' ? `HTTP ${status}` : `HTTP ${status} (${said})`;
}

function saidIn(text: string): string {
  try {
    const [first] = registryErrors.parse(JSON.parse(text)).errors;
    const { code = '', message = '', detail } = first ?? {};
    // The detail of a refused login lists what was asked for, which the error names anyway.
    const more = typeof detail === 'string' || code === 'UNKNOWN' ? detailText(detail) : '';
    return boundedText(plainLine(redact([code, message, more].filter((one) => one !== '').join(': '))), maxChars);
  } catch {
    return '';
  }
}

function detailText(detail: unknown): string {
  if (detail === undefined || detail === null) return '';
  return typeof detail === 'string' ? detail : JSON.stringify(detail);
}
