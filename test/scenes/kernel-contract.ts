import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { appError } from '../../src/shared/errors/app-error.ts';
import { call, stream } from '../../src/shared/rpc/contract.ts';
import type { Handlers } from '../../src/shared/rpc/serve.ts';

/** A small contract that exercises all the kernel can do. */
export const kernelContract = {
  sums: {
    add: call(z.object({ a: z.number(), b: z.number() }), z.object({ sum: z.number() })),
    lie: call(z.object({}), z.object({ sum: z.number() })),
    fail: call(z.object({ how: z.enum(['known', 'unknown']) }), z.object({})),
    wait: call(z.object({}), z.object({})),
    write: call(z.object({}), z.object({}), { writes: true }),
    count: stream(z.object({ to: z.number() }), z.object({ n: z.number() })),
    silent: stream(z.object({}), z.object({})),
    produced: call(z.object({}), z.object({ items: z.number(), stopped: z.boolean(), silent: z.number() })),
  },
};

/** Handlers that remember how far the stream's source went and whether it was stopped. */
export function kernelHandlers(): Handlers<typeof kernelContract> {
  const source = { items: 0, stopped: false, silent: 0 };
  return {
    sums: {
      add: async ({ a, b }) => ({ sum: a + b }),
      lie: async () => ({ sum: 'many' }) as never,
      fail: async ({ how }) => {
        if (how === 'known') throw appError('file.missing', { path: '/x', what: 'The file' });
        throw new Error('secret inner text');
      },
      wait: async (_input, { signal }) => {
        await sleep(600_000, undefined, { signal }).catch(() => undefined);
        return {};
      },
      write: async () => ({}),
      async *count({ to }) {
        source.items = 0;
        source.stopped = true;
        for (let n = 1; n <= to; n += 1) {
          source.items = n;
          yield { n };
        }
        source.stopped = false;
      },
      async *silent(_input, { signal }) {
        source.silent += 1;
        await sleep(600_000, undefined, { signal }).catch(() => undefined);
        source.silent -= 1;
        yield* [];
      },
      produced: async () => ({ ...source }),
    },
  };
}
