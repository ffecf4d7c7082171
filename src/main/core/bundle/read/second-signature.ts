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
  return readAny(root, trust).catch(except((code) => code.startsWith('bundle.')));
}

/** Throws for a second signature that a medium has and this version cannot judge: `bundle.newer-format`, `bundle.link` and others. */
export async function refuseUnjudged(root: string, trust: Trust): Promise<void> {
  await readAny(root, trust).catch(except((code) => code === 'bundle.malformed' || code === 'bundle.bad-signature'));
}

function readAny(root: string, trust: Trust) {
  // Whether the key is trusted is said, not thrown: without a policy no one needs a second signature.
  const anyone = { ...trust, overrideReason: trust.overrideReason ?? 'a second signature' };
  return readEnvelope(root, countersignaturePath, kind, anyone);
}

function except(isLeftOut: (code: string) => boolean): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof AppError && isLeftOut(error.code)) return undefined;
    throw error;
  };
}

/** What the second signatures that were found are worth. */
export interface JudgedSeconds {
  /** By another person than the head's signer; trusted or not. */
  second?: SecondSignature;
  /** None counts, but one is valid: the person who signed the head made it, with another key. */
  isOnePerson: boolean;
}

/** Picks the one of these that signs this head with the key of another person than the head's own; a trusted one first. */
export function judgeSeconds(
  head: { sha256: string; keyId: string } | undefined,
  found: readonly SecondSignature[],
  book: KeyBook,
): JudgedSeconds {
  const fit = found.filter(({ payload, keyId }) => payload.headSha256 === head?.sha256 && keyId !== '');
  const others = fit.filter(({ keyId }) => !haveOneOwner(book, keyId, head?.keyId ?? ''));
  const second = others.find((one) => one.isTrusted) ?? others[0];
  return { ...(second && { second }), isOnePerson: fit.length > 0 && !second };
}
