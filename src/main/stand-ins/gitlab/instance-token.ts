import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { exportJWK, type JWK, SignJWT } from 'jose';
import type { GitlabState } from './state.ts';

const keyId = 'simulated-gitlab';
const scopes = [
  'complete_code',
  'generate_code',
  'duo_classic_chat',
  'duo_chat',
  'documentation_search',
  'self_hosted_models',
];

/** The public key of the simulated GitLab as its JWKS shows it. */
export async function publicJwk(state: GitlabState): Promise<JWK> {
  return { ...(await exportJWK(createPublicKey(state.signingKey))), kid: keyId, use: 'sig', alg: 'RS256' };
}

/**
 * Returns the headers of GitLab's requests to its gateway: a user-less RS256 token, valid for one hour from 5 s ago, and the
 * headers that must match it.
 */
export async function gatewayHeaders(
  state: GitlabState,
  instance: { url: string; version: string },
  requestId: string,
): Promise<Record<string, string>> {
  const seconds = Math.floor(Date.now() / 1000);
  const token = await new SignJWT({ gitlab_realm: 'self-managed', gitlab_instance_id: state.instanceId, scopes })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keyId })
    .setIssuer(instance.url)
    .setSubject(state.instanceId)
    .setAudience('gitlab-ai-gateway')
    .setJti(randomUUID())
    .setIssuedAt(seconds)
    .setNotBefore(seconds - 5)
    .setExpirationTime(seconds + 3600)
    .sign(createPrivateKey(state.signingKey));
  return {
    authorization: `Bearer ${token}`,
    'x-gitlab-authentication-type': 'oidc',
    'x-gitlab-instance-id': state.instanceId,
    'x-gitlab-realm': 'self-managed',
    'x-gitlab-global-user-id': 'simulated-user',
    'x-gitlab-host-name': new URL(instance.url).host,
    'x-gitlab-version': instance.version,
    'x-request-id': requestId,
  };
}
