import { describe, expect, it } from 'vitest';
import {
  addressFamily,
  bareHost,
  hostKind,
  isInRange,
  isLoopback,
  isPrivateIpv4,
  isRange,
  isWildcard,
  urlHost,
} from '../../../src/main/core/http/network-host.ts';

describe('a host', () => {
  it.each([
    ['localhost', 'loopback'],
    ['127.0.0.1', 'loopback'],
    ['127.8.9.10', 'loopback'],
    ['::1', 'loopback'],
    ['[::1]', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['0.0.0.0', 'wildcard'],
    ['0.0.0.1', 'unclear'],
    ['::', 'wildcard'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['fd00::1', 'private'],
    ['172.32.0.1', 'public'],
    ['8.8.8.8', 'public'],
    ['2001:db8::1', 'public'],
    ['169.254.1.1', 'unclear'],
    ['100.64.0.1', 'unclear'],
    ['fe80::1', 'unclear'],
    // One of the two former checks took the first for loopback.
    ['127.999.0.1', 'name'],
    ['127.1', 'name'],
    ['0x7f.0.0.1', 'name'],
    ['127.0.0.01', 'name'],
    ['2130706433', 'name'],
    ['127.evil.example', 'name'],
    ['LOCALHOST', 'name'],
    ['', 'name'],
  ])('%j is of kind %s', (host, kind) => {
    expect(hostKind(host)).toBe(kind);
    expect(isLoopback(host)).toBe(kind === 'loopback');
    expect(isWildcard(host)).toBe(kind === 'wildcard');
  });

  it('is private for a container bridge only as IPv4', () => {
    expect(isPrivateIpv4('172.17.0.1')).toBe(true);
    expect(isPrivateIpv4('fd00::1')).toBe(false);
    expect(isPrivateIpv4('8.8.8.8')).toBe(false);
  });

  it('is in brackets in a URL only as IPv6', () => {
    expect(['::1', '127.0.0.1', 'gpu.example'].map(urlHost)).toEqual(['[::1]', '127.0.0.1', 'gpu.example']);
    expect(['[::1]', '127.0.0.1', 'gpu.example'].map(bareHost)).toEqual(['::1', '127.0.0.1', 'gpu.example']);
    expect(['::1', '127.0.0.1', 'gpu.example', '[::1]'].map(addressFamily)).toEqual([6, 4, 0, 0]);
  });
});

describe('an address range', () => {
  it.each([
    ['10.20.0.0/16', true],
    ['10.20.0.1/32', true],
    ['0.0.0.0/0', true],
    ['fd00:20::/64', true],
    ['::1/128', true],
    ['10.20.0.1/16', false],
    ['10.20.0.0', false],
    ['10.20.0.0/33', false],
    ['10.20.0.0/', false],
    ['10.20/16', false],
    ['fd00:20::1/64', false],
    ['gitlab.example/16', false],
    ['10.20.0.0/16/8', false],
    ['', false],
  ])('%j: %s', (text, is) => expect(isRange(text)).toBe(is));

  it.each([
    ['10.20.255.255', '10.20.0.0/16', true],
    ['10.21.0.0', '10.20.0.0/16', false],
    // As a socket that listens on IPv6 and IPv4 reports it.
    ['::ffff:10.20.0.9', '10.20.0.0/16', true],
    ['fd00:20::9', 'fd00:20::/64', true],
    ['fd00:21::9', 'fd00:20::/64', false],
    ['10.20.0.9', '::/0', false],
    ['fd00::1', '0.0.0.0/0', false],
    ['', '0.0.0.0/0', false],
  ])('holds %j in %s: %s', (address, range, is) => expect(isInRange(address, range)).toBe(is));
});
