import { describe, expect, it } from 'vitest';
import { staysInside } from '../../src/main/core/report/named-addresses.ts';

describe('the mark AIR-GAPPED', () => {
  it.each([
    [['127.0.0.1'], true],
    [['10.1.2.3', '192.168.0.9', '172.31.255.1', '::1', 'fd00::1', 'localhost'], true],
    [['8.8.8.8'], false],
    [['10.0.0.1', '172.32.0.1'], false],
    [['2001:db8::1'], false],
    [['gitlab.example.com'], false],
    [['10.0.0.1.example.com'], false],
  ])('%j: %s', (hosts, is) => expect(staysInside(hosts)).toBe(is));
});
