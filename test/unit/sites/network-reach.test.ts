import { describe, expect, it } from 'vitest';
import { networkReach } from '../../../src/main/core/sites/network-reach.ts';

describe("what a site's addresses show of its network", () => {
  it.each([
    [['127.0.0.1'], 'inside'],
    [['10.1.2.3', '192.168.0.9', '172.31.255.1', '::1', 'fd00::1', 'localhost'], 'inside'],
    [['8.8.8.8'], 'outside'],
    [['10.0.0.1', '172.32.0.1'], 'outside'],
    [['2001:db8::1'], 'outside'],
    [['bedrock-runtime.eu-central-1.amazonaws.com', '10.0.0.1'], 'outside'],
    [['gitlab.com'], 'outside'],
    [['gitlab.example.com'], 'not-known'],
    [['notgitlab.com'], 'not-known'],
    [['10.0.0.1.example.com', '10.0.0.1'], 'not-known'],
    [['169.254.1.1'], 'not-known'],
    [['100.64.0.1', '10.0.0.1'], 'not-known'],
    [['fe80::1'], 'not-known'],
    [['gitlab.example.com', '8.8.8.8'], 'outside'],
  ])('%j: %s', (hosts, reach) => expect(networkReach(hosts)).toBe(reach));
});
