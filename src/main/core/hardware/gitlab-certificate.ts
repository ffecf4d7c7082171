import type { X509Certificate } from 'node:crypto';
import type { GitlabFacts } from '../../../shared/gitlab-facts.ts';
import { strictProblem } from '../http/python-tls.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import type { Exchange } from './gitlab-exchange.ts';

type Tls = NonNullable<GitlabFacts['tls']>;

/** Returns the facts about a server's certificate. `tried`: whose authorities were tried last. */
export function tlsFacts(answer: Exchange & { kind: 'answer' }, tried: NonNullable<Tls['trustedBy']>): Tls {
  const { chain, problem, nameProblem } = answer;
  const shown = chain.map((one) => ({
    subject: nameOf(one.subject),
    issuer: nameOf(one.issuer),
    validFrom: isoOf(one.validFrom),
    validTo: isoOf(one.validTo),
  }));
  if (problem === null) {
    const strictWhy = strictProblem(chain);
    return { chain: shown, trustedBy: tried, why: null, refusal: null, ...(strictWhy !== undefined && { strictWhy }) };
  }
  // With the authorities that were given, an unknown one means that the chain is wrong.
  const isAuthority = nameProblem === null && tried !== 'given' && authority.test(problem);
  const why = nameProblem ?? wordsOf(problem, chain);
  return { chain: shown, trustedBy: null, why, refusal: isAuthority ? 'authority' : 'certificate' };
}

const authority = /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)/;
const words: Record<string, string> = {
  CERT_HAS_EXPIRED: 'a certificate of the chain has expired',
  CERT_NOT_YET_VALID: 'a certificate of the chain is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its root authority is unknown',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority above its issuer is unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is unknown',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is unknown, and the server sends no intermediate certificate',
  INVALID_PURPOSE:
    'a certificate of the chain may not be used for servers (its extended key usage), or its issuer is no authority',
  INVALID_CA: 'its issuer is no authority (basic constraints)',
  PATH_LENGTH_EXCEEDED: 'the chain has more intermediate authorities than one of them allows',
  CERT_SIGNATURE_FAILURE: 'a certificate of the chain was not signed by the authority that it names',
  CERT_REVOKED: 'a certificate of the chain is revoked',
  CERT_REJECTED: 'an authority may not be used for servers',
  // Node has no names for OpenSSL's errors about weak keys and signatures.
  UNSPECIFIED:
    "a key or signature of the chain is too weak for OpenSSL's security level 2 (RSA below 2048 bits, SHA-1)",
};

function wordsOf(problem: string, chain: X509Certificate[]): string {
  const said = words[problem];
  const issuer = nameOf(chain[0]?.issuer ?? '');
  return said === undefined ? problem : `${said} (${problem}; issued by ${issuer})`.slice(0, 500);
}

function nameOf(name: string): string {
  return firstShownLine(name.replaceAll('\n', ', '));
}

function isoOf(text: string): string | null {
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}
