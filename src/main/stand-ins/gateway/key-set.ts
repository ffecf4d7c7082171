import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { boundedRequest } from '../../core/http/bounded-request.ts';

const cacheMs = 24 * 3600 * 1000;
const discovery = z.object({ jwks_uri: z.url({ protocol: /^https?$/ }).max(2048) });
const jwks = z.object({
  keys: z.array(z.object({ kty: z.literal('RSA'), n: z.base64url().max(2048), e: z.base64url().max(16) })).max(50),
});

/**
 * The keys whose tokens the gateway accepts: its own two, and GitLab's from OIDC discovery, cached for 24 hours. While GitLab is
 * unreachable, only its own keys count.
 */
export class KeySet {
  readonly #own: KeyObject[];
  readonly #gitlabUrl: string;
  readonly #log: (line: string) => void;
  #gitlab: { keys: KeyObject[]; until: number } | undefined;

  /** `pems`: the private keys (PKCS#8 PEM) for signing and validation. Throws when one is not an RSA key. */
  constructor(pems: string[], gitlabUrl: string, log: (line: string) => void) {
    this.#own = pems.map((pem) => createPublicKey(pem));
    if (this.#own.some((key) => key.asymmetricKeyType !== 'rsa')) throw new Error('the gateway keys must be RSA keys');
    this.#gitlabUrl = gitlabUrl;
    this.#log = log;
  }

  async keys(): Promise<KeyObject[]> {
    if (!this.#gitlab || this.#gitlab.until < Date.now()) {
      const keys = await this.#fetch();
      // A failed fetch is not cached: GitLab may start after the gateway.
      if (keys) this.#gitlab = { keys, until: Date.now() + cacheMs };
    }
    return [...this.#own, ...(this.#gitlab?.keys ?? [])];
  }

  async #fetch(): Promise<KeyObject[] | undefined> {
    const found = await this.#get(`${this.#gitlabUrl}/.well-known/openid-configuration`, discovery);
    const set = found && (await this.#get(found.jwks_uri, jwks));
    if (!set) return undefined;
    this.#log(`JWKS refreshed: ${set.keys.length} keys of GitLab`);
    return set.keys.map((jwk) => createPublicKey({ key: jwk, format: 'jwk' }));
  }

  async #get<T>(url: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const answer = await boundedRequest({ method: 'GET', url, timeoutMs: 10_000 });
    try {
      if (answer.kind === 'answer' && answer.status === 200) return schema.parse(JSON.parse(answer.text));
    } catch {
      // not a discovery document: reported below
    }
    const why = answer.kind === 'failure' ? answer.failure : `status ${answer.status}`;
    this.#log(`No keys found in JWKS; provider might be unreachable: oidc_provider=Gitlab ${url} ${why}`);
    return undefined;
  }
}
