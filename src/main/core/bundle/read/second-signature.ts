import { AppError } from '../../../../shared/errors/app-error.ts';
import { haveOneOwner, type KeyBook } from '../../signing/judge-key.ts';
import {
  type CountersignaturePayload,
  countersignaturePath,
  countersignaturePayload,
  countersignaturePayloadType,
} from '../format/format.ts';
import { type ReadEnvelope, readEnvelope, type Trust } from './read-envelope.ts';

const kind = { payloadType: countersignaturePayloadType, schema: countersignaturePayload };

/** A second person's signature, as a medium has it. */
export type SecondSignature = ReadEnvelope<CountersignaturePayload>;

/** Reads the second signature of a medium, whoever made it; undefined when there is none, or none that is valid. */
export async function readSecond(root: string, trust: Trust): Promise<SecondSignature | undefined> {
  // Whether the key is trusted is said, not thrown: without a policy no one needs a second signature.
  const anyone = { ...trust, overrideReason: trust.overrideReason ?? 'a second signature' };
  return readEnvelope(root, countersignaturePath, kind, anyone).catch((error: unknown) => {
    if (error instanceof AppError && error.code.startsWith('bundle.')) return undefined;
    throw error;
  });
}

/** Returns the one of these that signs this head with the key of another person than the head's own; a trusted one first. */
export function secondOf(
  head: { sha256: string; keyId: string } | undefined,
  found: readonly SecondSignature[],
  book: KeyBook,
): SecondSignature | undefined {
  if (!head) return undefined;
  const fit = found.filter(
    ({ payload, keyId }) =>
      payload.headSha256 === head.sha256 && keyId !== '' && !haveOneOwner(book, keyId, head.keyId),
  );
  return fit.find((one) => one.isTrusted) ?? fit[0];
}
