import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { contractHash } from '../../../src/main/core/shell/contract-hash.ts';
import { contract } from '../../../src/shared/contract/index.ts';
import { call, stream } from '../../../src/shared/rpc/contract.ts';

const input = z.object({ a: z.string() });
const output = z.object({ b: z.number() });
const first = { area: { verb: call(input, output) } };

describe('the hash of a contract', () => {
  it('is the same for the same contract, the real one included', () => {
    expect(contractHash(first)).toBe(contractHash({ area: { verb: call(z.object({ a: z.string() }), output) } }));
    expect(contractHash(contract)).toMatch(/^[0-9a-f]{8}$/);
  });

  it.each([
    ['another verb', { area: { other: call(input, output) } }],
    ['another area', { other: { verb: call(input, output) } }],
    ['another kind', { area: { verb: stream(input, output) } }],
    ['a right to write', { area: { verb: call(input, output, { writes: true }) } }],
    ['another input', { area: { verb: call(z.object({ a: z.string().max(9) }), output) } }],
    ['another output', { area: { verb: call(input, z.object({ b: z.number().optional() })) } }],
  ])('differs with %s', (_what, other) => {
    expect(contractHash(other)).not.toBe(contractHash(first));
  });
});
