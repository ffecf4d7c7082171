import type { Call, ItemOf, Job, Method, OutputOf, ParsedInputOf, Stream } from '../../shared/rpc/contract.ts';
import type { CallContext } from '../../shared/rpc/serve.ts';
import type { Work } from './work.ts';

/** The handler of one method: a call returns its answer, a stream yields, a job does its work and returns the result. */
export type AreaHandler<M extends Method> =
  M extends Job<infer _I, infer _O>
    ? (input: ParsedInputOf<M>, work: Work) => Promise<OutputOf<M>>
    : M extends Stream<infer _I, infer _T>
      ? (input: ParsedInputOf<M>, context: CallContext) => AsyncIterable<ItemOf<M>>
      : M extends Call<infer _I, infer _O>
        ? (input: ParsedInputOf<M>, context: CallContext) => Promise<OutputOf<M>>
        : never;

/** The handlers of an area of the contract. */
export type AreaHandlers<G extends Record<string, Method>> = { [V in keyof G]: AreaHandler<G[V]> };
