import { setImmediate as nextTurn } from 'node:timers/promises';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { checkJsonShape, type JsonLimits, parseJson } from '../files/parse-json.ts';
import { envelope, type OpenEnvelope } from './dsse.ts';

/** The shape of an envelope with eight signatures, which leaves room for members that the schema then names. */
const limits: JsonLimits = { depth: 3, values: 60, hasUniqueNames: true };
/** Bytes of an envelope besides its payload: eight signatures of a key that may be signed with take less than 4 KiB. */
const maxRestBytes = 16 * 1024;
/** Characters of base64 that are decoded without a pause: a few milliseconds of work. */
const chunkChars = 1024 * 1024;

/**
 * Opens an envelope from anywhere, signed or not: no signature is checked yet. Its shape is checked before anything is built from it,
 * and a large payload is decoded in steps, so that other requests are answered meanwhile. Throws `SyntaxError` with the problem.
 */
export async function parseEnvelope(bytes: Buffer): Promise<OpenEnvelope> {
  let [start, end] = [0, 0];
  checkJsonShape(bytes, limits, (name, from, to) => {
    if (name === 'payload') [start, end] = [from, to];
  });
  if (bytes.length - (end - start) > maxRestBytes) throw new SyntaxError('it has long texts besides its payload');
  const value = parseJson(Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]), limits);
  const { payloadType, signatures } = checkMembers(value);
  return { payloadType, payload: await decodeBase64(bytes.subarray(start, end)), signatures };
}

function checkMembers(value: unknown): Omit<OpenEnvelope, 'payload'> {
  const result = envelope.safeParse(value);
  if (result.success) return result.data;
  const bare = envelope.omit({ signatures: true }).strip().safeParse(value);
  if (bare.success && hasNoSignature(value)) return { ...bare.data, signatures: [] };
  throw new SyntaxError(`it is not a signed envelope (${issueLines(result.error).join('; ')})`);
}

function hasNoSignature(value: unknown): boolean {
  const { signatures } = value as { signatures?: unknown };
  return signatures === undefined || (Array.isArray(signatures) && signatures.length === 0);
}

async function decodeBase64(text: Buffer): Promise<Buffer> {
  const payload = Buffer.alloc(Math.floor((text.length * 3) / 4));
  let filled = 0;
  for (let at = 0; at < text.length; at += chunkChars) {
    const chars = text.toString('latin1', at, at + chunkChars);
    const end = filled + payload.write(chars, filled, 'base64');
    if (payload.toString('base64', filled, end) !== chars) throw new SyntaxError('its payload is not base64');
    filled = end;
    if (at + chunkChars < text.length) await nextTurn();
  }
  return payload.subarray(0, filled);
}
