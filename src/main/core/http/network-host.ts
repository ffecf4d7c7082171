import ipaddr from 'ipaddr.js';

/**
 * What a host is, judged by its text alone. `wildcard` stands for all addresses of a machine, `private` for ranges that no router
 * of the internet forwards (RFC 1918, RFC 4193), `unclear` for link-local and carrier addresses (RFC 3927, 4291, 6598).
 */
export type HostKind = 'name' | 'loopback' | 'wildcard' | 'private' | 'unclear' | 'public';

const kinds: Partial<Record<string, HostKind>> = {
  loopback: 'loopback',
  unspecified: 'wildcard',
  private: 'private',
  uniqueLocal: 'private',
  linkLocal: 'unclear',
  carrierGradeNat: 'unclear',
};

/** Returns the kind of a host, without port; an IPv6 address may be in brackets. `localhost` is loopback. */
export function hostKind(host: string): HostKind {
  const bare = bareHost(host);
  if (bare === 'localhost') return 'loopback';
  if (addressFamily(bare) === 0) return 'name';
  const address = ipaddr.process(bare);
  const kind = kinds[address.range()] ?? 'public';
  // All of 0.0.0.0/8 means "this network" (RFC 1122), but only the address of zeros alone means every address.
  return kind === 'wildcard' && address.toByteArray().some((byte) => byte !== 0) ? 'unclear' : kind;
}

/** Returns 4 or 6 for an IP address without brackets, in the only form that every tool reads alike, and 0 for all else. */
export function addressFamily(host: string): 0 | 4 | 6 {
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return 4;
  return ipaddr.IPv6.isValid(host) ? 6 : 0;
}

/** True for names and addresses that never leave this machine. */
export function isLoopback(host: string): boolean {
  return hostKind(host) === 'loopback';
}

/** True for the addresses that stand for all of a machine. Servers listen on them; they are the name of none. */
export function isWildcard(host: string): boolean {
  return hostKind(host) === 'wildcard';
}

/** True for private IPv4 addresses, as container bridges have them. */
export function isPrivateIpv4(host: string): boolean {
  return addressFamily(host) === 4 && hostKind(host) === 'private';
}

/** Returns a host as URLs write it: IPv6 in brackets. */
export function urlHost(host: string): string {
  return addressFamily(host) === 6 ? `[${host}]` : host;
}

/** Returns a host as sockets take it: IPv6 without brackets. */
export function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

/** True for an address range in CIDR form, as in 10.20.0.0/16 or fd00::/8, whose host bits are zero. */
export function isRange(text: string): boolean {
  const [start = '', bits = ''] = text.split('/');
  if (addressFamily(start) === 0 || !/^\d{1,3}$/.test(bits) || !ipaddr.isValidCIDR(text)) return false;
  const network =
    addressFamily(start) === 4 ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text);
  return network.toString() === ipaddr.parse(start).toString();
}

/** True if an address, as sockets report it, is in a range (`isRange`). An IPv4 address in IPv6 form counts as IPv4. */
export function isInRange(address: string, range: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const [network, bits] = ipaddr.parseCIDR(range);
  const one = ipaddr.process(address);
  return one.kind() === network.kind() && one.match(network, bits);
}
