/** A person's login at a host. `identity` is a refresh token of OAuth 2, which only buys other tokens. */
export type Login =
  | { kind: 'password'; user: string; password: string }
  | { kind: 'identity'; token: string }
  | { kind: 'bearer'; token: string };

/** How a host is asked. Plain data, so that the packing thread can ask too. It may hold a login: never log, store or show it. */
export interface RemoteAccess {
  /** What people call it, and `docker login` takes: `docker.io`, although its origin has another name. */
  name: string;
  /** `https://host:port`, or http where a person wrote that. The login goes to this origin, and to the token service that it names. */
  origin: string;
  login?: Login;
  /** The certificates to trust besides those of this machine, as PEM. */
  ca?: string;
  /** Where a person gets a login for it. */
  way: 'docker' | 'hub' | 'none';
  /** Other token services that may receive the login, because the person named them. */
  tokenHosts: string[];
}

/** The bytes at an address, whose number is known. */
export interface RemoteRange {
  url: string;
  /** What a refusal is about: the repository. Default: the address. */
  what?: string;
  sizeBytes: number;
  /** No more than so many bytes from the start will be read. */
  wantedBytes?: number;
  /** All its bytes, verified, where they were fetched already. */
  fetched?: Uint8Array;
}

/** Returns a login for people: whose it is, never the secret. */
export function loginText(login: Login | undefined): string {
  if (!login) return 'without a login';
  return login.kind === 'password' ? `as ${login.user}` : 'with the given token';
}
