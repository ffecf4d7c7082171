import type { IncomingHttpHeaders } from 'node:http';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { KeySet } from './key-set.ts';

const audience = 'gitlab-ai-gateway';
const forbidden = 'Forbidden by auth provider';

/** A token that was accepted, or the text with which the gateway answers 401 and the reason for its log. */
export type TokenCheck = { ok: true; scopes: string[]; isOwn: boolean } | { ok: false; error: string; reason?: string };

/** Checks a request's token and the headers that must match it, with the real gateway's texts and order. No leeway for clocks. */
export async function checkToken(headers: IncomingHttpHeaders, keySet: KeySet): Promise<TokenCheck> {
  const { authorization } = headers;
  if (!authorization) return { ok: false, error: 'No authorization header presented' };
  const token = /^Bearer (\S+)$/.exec(authorization)?.[1];
  if (!token) return { ok: false, error: 'Invalid authorization header' };
  if (headers['x-gitlab-authentication-type'] !== 'oidc')
    return { ok: false, error: 'Invalid authentication token type - only OIDC is supported' };
  const verified = await verify(token, keySet);
  if ('reason' in verified) return { ok: false, error: forbidden, reason: verified.reason };
  const { claims } = verified;
  const mismatch = mismatchedHeader(claims, headers);
  if (mismatch) return { ok: false, error: `Header mismatch '${mismatch}'` };
  const scopes = Array.isArray(claims.scopes) ? claims.scopes.filter((one) => typeof one === 'string') : [];
  return { ok: true, scopes, isOwn: claims.iss === audience };
}

async function verify(token: string, keySet: KeySet): Promise<{ claims: JWTPayload } | { reason: string }> {
  let reason = 'No keys founds in JWKS; are OIDC providers up?';
  for (const key of await keySet.keys()) {
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: ['RS256'], audience, requiredClaims: ['exp'] });
      return { claims: payload };
    } catch (error) {
      reason = reasonOf(error);
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
    }
  }
  return { reason };
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'Signature has expired.';
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.claim === 'nbf'
      ? 'The token is not yet valid (nbf)'
      : `Invalid ${error.claim === 'aud' ? 'audience' : error.claim}`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'Signature verification failed.';
  return 'Error decoding token headers.';
}

function mismatchedHeader(claims: JWTPayload, headers: IncomingHttpHeaders): string | undefined {
  const pairs: [unknown, string][] = [
    [claims.gitlab_realm, 'X-Gitlab-Realm'],
    [claims.gitlab_instance_id, 'X-Gitlab-Instance-Id'],
    [claims.sub, claims.iss === audience ? 'X-Gitlab-Global-User-Id' : 'X-Gitlab-Instance-Id'],
  ];
  return pairs.find(([claim, name]) => claim !== undefined && claim !== headers[name.toLowerCase()])?.[1];
}
