import { describe, expect, it } from 'vitest';
import { ownAddresses } from '../../../src/main/core/wizard/own-addresses.ts';

const at = (address: string, more: object = {}) => ({ family: 'IPv4' as const, internal: false, address, ...more });

describe('the addresses of this machine', () => {
  it('are those that other machines may reach, without loopback, link-local and networks inside the machine', () => {
    expect(
      ownAddresses({
        lo: [at('127.0.0.1', { internal: true })],
        eno1: [at('10.20.0.5'), at('fe80::1', { family: 'IPv6' })],
        eno2: [at('169.254.3.4')],
        docker0: [at('172.17.0.1')],
        'br-1f2e': [at('172.31.255.1')],
        virbr0: [at('192.168.122.1')],
        bond0: [at('192.168.7.5')],
        gone: undefined,
      }),
    ).toEqual(['10.20.0.5', '192.168.7.5']);
  });

  it('are asked of the operating system by default', () => {
    expect(ownAddresses().every((one) => /^\d+(\.\d+){3}$/.test(one))).toBe(true);
  });
});
