import { isLoopback, isWildcard, urlHost } from '../core/http/network-host.ts';

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/** Returns the names by which browsers may reach a server that listens on `host`; for loopback, all of its names. */
export function ownHosts(host: string, allowed: string[]): string[] {
  const named = isWildcard(host) ? allowed : [host, ...allowed];
  return named.map((one) => urlHost(one).toLowerCase()).concat(isLoopback(host) ? loopbackNames : []);
}

/** Returns whether a `Host` header names one of our hosts. Any port is accepted, because a tunnel may use another one. */
export function isOwnHost(hosts: string[], header: string): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i.exec(header)?.[1];
  return name !== undefined && hosts.includes(name.toLowerCase());
}
