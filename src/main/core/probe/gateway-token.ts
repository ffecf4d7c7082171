import { createPrivateKey, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';

const lifeSeconds = 300;

/**
 * Returns headers with a token that Sealift signs (RS256) with the gateway's own signing key: valid for 5 minutes, for the scope
 * `complete_code`. The gateway accepts it without asking GitLab. Throws when the key is not an RSA key.
 */
export async function gatewayTokenHeaders(signingKey: string, now: Date): Promise<Record<string, string>> {
  const seconds = Math.floor(now.getTime() / 1000);
  const instanceId = randomUUID();
  const token = await new SignJWT({
    gitlab_realm: 'self-managed',
    gitlab_instance_id: instanceId,
    scopes: ['complete_code'],
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer('sealift-probe')
    .setSubject(instanceId)
    .setAudience('gitlab-ai-gateway')
    .setJti(randomUUID())
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + lifeSeconds)
    .sign(createPrivateKey(signingKey));
  return {
    authorization: `Bearer ${token}`,
    'x-gitlab-authentication-type': 'oidc',
    'x-gitlab-realm': 'self-managed',
    'x-gitlab-instance-id': instanceId,
    'x-gitlab-global-user-id': 'sealift-probe',
  };
}
