import { isIP } from 'node:net';

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** A host as addresses name it: IPv6 in brackets. */
export function urlHost(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host.toLowerCase();
}

/** True for what listens on all addresses and is the name of none. */
export function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** The names under which browsers may ask a server that listens on `host`: on loopback all of its names. */
export function ownHosts(host: string, allowed: string[]): string[] {
  const named = isEveryAddress(host) ? allowed : [host, ...allowed];
  return named.map(urlHost).concat(isLoopback(host) ? loopbackNames : []);
}

/** Whether a `Host` header names one of ours, with any port or none: a tunnel may have another one at its other end. */
export function isOwnHost(hosts: string[], header: string): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i.exec(header)?.[1];
  return name !== undefined && hosts.includes(name.toLowerCase());
}
