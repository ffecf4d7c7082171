import { z } from 'zod';
import type { Contract } from '../../../shared/rpc/contract.ts';

/**
 * Returns a short hash that differs if two builds disagree about a contract: names, kinds, permissions, shapes of inputs and outputs. It
 * distinguishes old pages from new ones, and is not a security measure.
 */
export function contractHash(contract: Contract): string {
  const shape = (schema: z.ZodType, io: 'input' | 'output') => z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  const methods = Object.entries(contract).flatMap(([area, group]) =>
    Object.entries(group).map(([verb, method]) => [
      `${area}.${verb}`,
      method.kind,
      method.writes,
      shape(method.input, 'input'),
      shape(method.kind === 'stream' ? method.item : method.output, 'output'),
    ]),
  );
  return fnv1a(JSON.stringify(methods));
}

/** FNV-1a over UTF-16 code units, 32 bits, as 8 hex digits. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
