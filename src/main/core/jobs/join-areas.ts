import type { Contract, Method } from '../../../shared/rpc/contract.ts';
import type { Handlers } from '../../../shared/rpc/serve.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { Work } from '../work.ts';
import type { JobRunner } from './job-runner.ts';

type Loose = (input: unknown, second: unknown) => unknown;

/**
 * Turns the areas' handlers into the contract's: jobs go through the runner, their results through their schema. `explain` may add to an
 * error what only the whole core knows.
 */
export function joinAreas<C extends Contract>(
  contract: C,
  areas: { [A in keyof C]: AreaHandlers<C[A]> },
  runner: JobRunner,
  explain: (thrown: unknown) => Promise<unknown> = async (thrown) => thrown,
): Handlers<C> {
  const wrap = (area: string, verb: string, method: Method): Loose => {
    const given = (areas as Record<string, Record<string, Loose>>)[area]?.[verb];
    if (!given) throw new Error(`no handler for ${area}.${verb}`);
    if (method.kind === 'stream') return given;
    const handler: Loose = async (input, second) => {
      try {
        return await given(input, second);
      } catch (thrown) {
        throw await explain(thrown);
      }
    };
    if (method.kind !== 'job') return handler;
    return async (input) => {
      const run = async (work: Work) => method.output.parse(await handler(input, work));
      const subject = method.subject === null ? undefined : (input as Record<string, string>)[method.subject];
      return runner.start(`${area}.${verb}`, method, run, subject);
    };
  };
  const joined = Object.entries(contract).map(([area, group]) => {
    return [area, Object.fromEntries(Object.entries(group).map(([verb, method]) => [verb, wrap(area, verb, method)]))];
  });
  return Object.fromEntries(joined) as Handlers<C>;
}
