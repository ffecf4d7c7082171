import type { z } from 'zod';

/** One question, one answer. `writes` marks what changes the store or the site: refused on read-only connections. */
export interface Call<I extends z.ZodType, O extends z.ZodType> {
  kind: 'call';
  input: I;
  output: O;
  writes: boolean;
}
/** One question, many items, until the server ends it or the client stops. Never writes. */
export interface Stream<I extends z.ZodType, T extends z.ZodType> {
  kind: 'stream';
  input: I;
  item: T;
  writes: false;
}
/** Long work: the call answers at once with the job's id, the result is in the job's `finished` event. */
export interface Job<I extends z.ZodType, O extends z.ZodType> {
  kind: 'job';
  input: I;
  output: O;
  writes: boolean;
  title: string;
  /** True when an interrupted run goes on where it stopped once it is started again; else it starts from the beginning. */
  resumes: boolean;
}

/** Any method of a contract. */
export type Method = Call<z.ZodType, z.ZodType> | Stream<z.ZodType, z.ZodType> | Job<z.ZodType, z.ZodType>;
/** What can be called: area → verb → method. */
export type Contract = Record<string, Record<string, Method>>;

/** Declares a call. */
export function call<I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
  options: { writes?: boolean } = {},
): Call<I, O> {
  return { kind: 'call', input, output, writes: options.writes ?? false };
}
/** Declares a stream. */
export function stream<I extends z.ZodType, T extends z.ZodType>(input: I, item: T): Stream<I, T> {
  return { kind: 'stream', input, item, writes: false };
}
/** Declares long work; `title` is what people read while it runs. */
export function job<I extends z.ZodType, O extends z.ZodType>(
  title: string,
  input: I,
  output: O,
  options: { writes?: boolean; resumes?: boolean } = {},
): Job<I, O> {
  const { writes = true, resumes = false } = options;
  return { kind: 'job', title, input, output, writes, resumes };
}

/** What a method's caller must give. */
export type InputOf<M extends Method> = z.input<M['input']>;
/** What a method's handler gets: the input after its schema. */
export type ParsedInputOf<M extends Method> = z.output<M['input']>;
/** What a call or a finished job gives. */
export type OutputOf<M extends Method> = M extends Call<z.ZodType, infer O> | Job<z.ZodType, infer O>
  ? z.output<O>
  : never;
/** What a stream gives, one by one. */
export type ItemOf<M extends Method> = M extends Stream<z.ZodType, infer T> ? z.output<T> : never;
