/** What a 401 asks for. */
export type Challenge = { scheme: 'basic' } | { scheme: 'bearer'; realm: string; service?: string; scope?: string };

const parameter = /([a-zA-Z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** Parses a `WWW-Authenticate` header (RFC 9110); a token service is preferred to a password. Undefined for other schemes. */
export function parseChallenge(header: string): Challenge | undefined {
  const bearer = /(?:^|,)\s*Bearer\s+(.*)$/is.exec(header)?.[1];
  if (bearer !== undefined) {
    const found = new Map<string, string>();
    for (const [, name = '', quoted, plain = ''] of bearer.matchAll(parameter)) {
      const key = name.toLowerCase();
      if (!found.has(key)) found.set(key, quoted?.replace(/\\(.)/g, '$1') ?? plain);
    }
    const [realm, service, scope] = ['realm', 'service', 'scope'].map((key) => found.get(key));
    if (realm !== undefined) return { scheme: 'bearer', realm, ...(service && { service }), ...(scope && { scope }) };
  }
  return /(?:^|,)\s*Basic\b/i.test(header) ? { scheme: 'basic' } : undefined;
}

/**
 * True when a login for `host` may go to the token service at `realm` without being asked for: the same host, its parent domain or a
 * sibling below that (registry.example.com and auth.example.com). A parent of one label, such as `io`, is no domain of anyone's.
 */
export function isOwnRealm(host: string, realm: string): boolean {
  if (host === realm) return true;
  const name = host.replace(/:\d+$/, '');
  const other = realm.replace(/:\d+$/, '');
  if (/^[\d.]+$|^\[/.test(name)) return false;
  const parent = name.slice(name.indexOf('.') + 1);
  return parent.includes('.') && (other === name || other === parent || other.endsWith(`.${parent}`));
}
