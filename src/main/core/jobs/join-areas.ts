import type { Contract, Method } from '../../../shared/rpc/contract.ts';
import type { Handlers } from '../../../shared/rpc/serve.ts';
import type { AreaHandlers } from '../area-handlers.ts';
import type { Work } from '../work.ts';
import type { JobRunner } from './job-runner.ts';

type Loose = (input: unknown, second: unknown) => unknown;

/** Loads the code of one area. */
type Loader<T> = () => Promise<T>;

/** What may differ between cores. */
interface JoinOptions {
  /** Adds to an error what only the whole core knows. */
  explain?: (thrown: unknown) => Promise<unknown>;
  /** Whether to load all areas now: a process that lives on may outlive its files, when an update replaces them. */
  loadsAll?: boolean;
}

/**
 * Turns the areas' handlers into the contract's: jobs go through the runner, their results through their schema. An area is loaded with its
 * first call, since a command calls few of them.
 */
export function joinAreas<C extends Contract>(
  contract: C,
  areas: { [A in keyof C]: Loader<AreaHandlers<C[A]>> },
  runner: JobRunner,
  { explain = async (thrown) => thrown, loadsAll = false }: JoinOptions = {},
): Handlers<C> {
  const wrap = (load: Loader<Record<string, Loose>>, area: string, verb: string, method: Method): Loose => {
    const given = async () => {
      const handler = (await load())[verb];
      if (!handler) throw new Error(`no handler for ${area}.${verb}`);
      return handler;
    };
    if (method.kind === 'stream')
      return async function* (input, second) {
        yield* (await given())(input, second) as AsyncIterable<unknown>;
      };
    const handler: Loose = async (input, second) => {
      try {
        return await (await given())(input, second);
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
    const load = once(areas[area] as unknown as Loader<Record<string, Loose>>);
    // What fails fails again with the first call, which says so.
    if (loadsAll) load().catch(() => undefined);
    const wrapped = Object.entries(group).map(([verb, method]) => [verb, wrap(load, area, verb, method)]);
    return [area, Object.fromEntries(wrapped)];
  });
  return Object.fromEntries(joined) as Handlers<C>;
}

/** Handlers of an area may share state, so there is one set of them. */
function once<T>(load: Loader<T>): Loader<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
