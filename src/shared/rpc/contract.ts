import type { z } from 'zod';

/** One request, one response. `writes` marks methods that change the store or the site; read-only connections refuse them. */
export interface Call<I extends z.ZodType, O extends z.ZodType> {
  kind: 'call';
  input: I;
  output: O;
  writes: boolean;
}
/** One request, many items, until the server ends the stream or the client stops it. Never writes. */
export interface Stream<I extends z.ZodType, T extends z.ZodType> {
  kind: 'stream';
  input: I;
  item: T;
  writes: false;
}
/** A long task: the call returns the job's id immediately, and the result is in the job's `finished` event. */
export interface Job<I extends z.ZodType, O extends z.ZodType> {
  kind: 'job';
  input: I;
  output: O;
  writes: boolean;
  title: string;
  /** Names the input field that holds the job's site, as its name or its site file; null for a job without a site. */
  subject: string | null;
  /** True if an interrupted run resumes where it stopped when started again; otherwise it starts from the beginning. */
  resumes: boolean;
  /** The usual share of each step in the whole job, by step id; together 1. Absent for a job whose steps are not known before. */
  shares?: Readonly<Record<string, number>>;
  /** Present if a second one of the same subject is refused while one runs (`job.running`). */
  isExclusive?: true;
}
/** The fields of an input that hold a text. */
type TextField<I extends z.ZodType> = {
  [K in keyof z.output<I>]: z.output<I>[K] extends string ? K : never;
}[keyof z.output<I>] &
  string;

/** Any method of a contract. */
export type Method = Call<z.ZodType, z.ZodType> | Stream<z.ZodType, z.ZodType> | Job<z.ZodType, z.ZodType>;
/** All callable methods: area → verb → method. */
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
/** Declares a job; people see `title` while it runs. `subject` is as in `Job`. */
export function job<I extends z.ZodType, O extends z.ZodType>(
  title: string,
  input: I,
  output: O,
  options: { subject: TextField<I> | null; writes?: boolean; resumes?: boolean } & Pick<
    Job<I, O>,
    'shares' | 'isExclusive'
  >,
): Job<I, O> {
  return { kind: 'job', title, input, output, writes: true, resumes: false, ...options };
}

/** The input that a method's caller passes. */
export type InputOf<M extends Method> = z.input<M['input']>;
/** The input that a method's handler receives, parsed by its schema. */
export type ParsedInputOf<M extends Method> = z.output<M['input']>;
/** The result of a call or of a finished job. */
export type OutputOf<M extends Method> = M extends Call<z.ZodType, infer O> | Job<z.ZodType, infer O>
  ? z.output<O>
  : never;
/** An item of a stream. */
export type ItemOf<M extends Method> = M extends Stream<z.ZodType, infer T> ? z.output<T> : never;
