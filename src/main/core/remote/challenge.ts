import { addressFamily, bareHost } from '../http/network-host.ts';

/** What a 401 asks for. */
export type Challenge = { scheme: 'basic' } | { scheme: 'bearer'; realm: string; service?: string; scope?: string };

const parameter = /([a-zA-Z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** Parses a `WWW-Authenticate` header (RFC 9110); a token service is preferred to a password. Undefined for all else. */
export function parseChallenge(header: string): Challenge | undefined {
  const bearer = /(?:^|,)\s*Bearer\s+(.*)$/is.exec(header)?.[1];
  if (bearer !== undefined) {
    const found = new Map<string, string>();
    for (const [, name = '', quoted, plain = ''] of bearer.matchAll(parameter)) {
      const key = name.toLowerCase();
      if (!found.has(key)) found.set(key, quoted?.replace(/\\(.)/g, '$1') ?? plain);
    }
    const [realm, service, scope] = ['realm', 'service', 'scope'].map((key) => found.get(key));
    // Without an address it is the plain scheme of RFC 6750, as the Hub sends it.
    if (realm !== undefined && URL.canParse(realm))
      return { scheme: 'bearer', realm, ...(service && { service }), ...(scope && { scope }) };
  }
  return /(?:^|,)\s*Basic\b/i.test(header) ? { scheme: 'basic' } : undefined;
}

/** Token services that are no relatives of their registries by name. */
const namedRealms: Record<string, string> = { 'registry-1.docker.io': 'auth.docker.io' };

/**
 * True when a login for `host` may go to the token service at `realm` without being asked for: the same host, a parent domain or a subdomain
 * of it, or the one that its operator documents. Siblings are not: which names belong to one owner cannot be seen (`a.co.uk`, `b.co.uk`).
 */
export function isOwnRealm(host: string, realm: string): boolean {
  if (host === realm || namedRealms[host] === realm) return true;
  const [name, other] = [host, realm].map((one) => one.replace(/:\d+$/, ''));
  if (name === undefined || other === undefined || addressFamily(bareHost(name)) !== 0) return false;
  return isInDomain(name, other) || isInDomain(other, name);
}

/** A domain of one label, such as `io` or `localhost`, is no one's own. */
function isInDomain(name: string, domain: string): boolean {
  return domain.includes('.') && (name === domain || name.endsWith(`.${domain}`));
}
