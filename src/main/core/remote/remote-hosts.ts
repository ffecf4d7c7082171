import type { RemoteAccess } from './remote-access.ts';
import { RemoteHost } from './remote-host.ts';

/** The hosts of one piece of work, each with its open connections and the token that it gave. */
export class RemoteHosts {
  /** Slower connections are not used alone. */
  readonly slowBytesPerSecond: number;
  readonly #hosts = new Map<string, RemoteHost>();

  constructor(slowBytesPerSecond: number = 32 * 1024 * 1024) {
    this.slowBytesPerSecond = slowBytesPerSecond;
  }

  /** Returns the host for an access, the same one for an equal access. */
  at(access: RemoteAccess): RemoteHost {
    const key = JSON.stringify(access);
    const host = this.#hosts.get(key) ?? new RemoteHost(access);
    this.#hosts.set(key, host);
    return host;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    for (const host of this.#hosts.values()) await host.close();
    this.#hosts.clear();
  }
}
