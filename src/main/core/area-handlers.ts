import type {
  Call,
  Contract,
  ItemOf,
  Job,
  Method,
  OutputOf,
  ParsedInputOf,
  Stream,
} from '../../shared/rpc/contract.ts';
import type { CallContext, Handlers } from '../../shared/rpc/serve.ts';
import type { JobRunner } from './jobs/job-runner.ts';
import type { Work } from './jobs/work.ts';

/** How an area implements one method: a call answers, a stream yields, a job does its work and returns the result. */
export type AreaHandler<M extends Method> =
  M extends Job<infer _I, infer _O>
    ? (input: ParsedInputOf<M>, work: Work) => Promise<OutputOf<M>>
    : M extends Stream<infer _I, infer _T>
      ? (input: ParsedInputOf<M>, context: CallContext) => AsyncIterable<ItemOf<M>>
      : M extends Call<infer _I, infer _O>
        ? (input: ParsedInputOf<M>, context: CallContext) => Promise<OutputOf<M>>
        : never;

/** How an area implements its part of the contract. */
export type AreaHandlers<G extends Record<string, Method>> = { [V in keyof G]: AreaHandler<G[V]> };

type Loose = (input: unknown, second: unknown) => unknown;

/** Turns the areas' handlers into the contract's: jobs go through the runner, their results through their schema. */
export function joinAreas<C extends Contract>(
  contract: C,
  areas: { [A in keyof C]: AreaHandlers<C[A]> },
  runner: JobRunner,
): Handlers<C> {
  const wrap = (area: string, verb: string, method: Method): Loose => {
    const handler = (areas as Record<string, Record<string, Loose>>)[area]?.[verb];
    if (!handler) throw new Error(`no handler for ${area}.${verb}`);
    if (method.kind !== 'job') return handler;
    return async (input) => {
      const work = async (given: Work) => method.output.parse(await handler(input, given));
      return runner.start(`${area}.${verb}`, method.title, work, siteOf(input));
    };
  };
  const joined = Object.entries(contract).map(([area, group]) => {
    return [area, Object.fromEntries(Object.entries(group).map(([verb, method]) => [verb, wrap(area, verb, method)]))];
  });
  return Object.fromEntries(joined) as Handlers<C>;
}

/** Every job that is for a site names it so in its input. */
function siteOf(input: unknown): string | undefined {
  const { site, siteFile } = input as { site?: string; siteFile?: string };
  return site ?? siteFile;
}
