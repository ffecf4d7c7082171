import { describe, expect, it } from 'vitest';
import { isLoopback, urlHost } from '../../../src/main/core/http/network-host.ts';
import { isOwnHost, ownHosts } from '../../../src/main/headless/own-host.ts';

describe('names of the server', () => {
  it.each(['127.0.0.1', '127.0.0.2', 'localhost', '::1'])('%s is loopback, under all of its names', (host) => {
    expect(isLoopback(host)).toBe(true);
    const hosts = ownHosts(host, []);
    for (const named of ['127.0.0.1:1', 'localhost:65535', '[::1]', urlHost(host)])
      expect(isOwnHost(hosts, named)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.evil.example', 'localhost.evil.example', '1127.0.0.1', '127.0.0.1.1', ''])(
    '%s is not loopback, and goes by no name of loopback',
    (host) => {
      expect(isLoopback(host)).toBe(false);
      expect(isOwnHost(ownHosts(host, []), 'localhost:80')).toBe(false);
    },
  );

  it('an IPv6 address is named in brackets', () => {
    expect(isOwnHost(ownHosts('fd00::1', []), '[fd00::1]:443')).toBe(true);
    expect(isOwnHost(ownHosts('fd00::1', []), 'fd00::1')).toBe(false);
    expect(isOwnHost(ownHosts('0.0.0.0', ['GPU.example', '10.0.0.5']), 'gpu.EXAMPLE:8443')).toBe(true);
    expect(isOwnHost(ownHosts('0.0.0.0', ['GPU.example', '10.0.0.5']), '10.0.0.5')).toBe(true);
  });
});
