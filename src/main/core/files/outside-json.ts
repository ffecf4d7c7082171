import type { z } from 'zod';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { type JsonLimits, parseJson } from './parse-json.ts';
import { readNamed } from './read-bounded.ts';

/** What a file from outside is called, how much of it is read, and the error for what is wrong with it. */
export interface OutsideJsonForm {
  what: string;
  limitBytes: number;
  limits: JsonLimits;
  refuse(issues: string[]): AppError;
}

/** A JSON document from outside, parsed within its limits. `data` is not checked yet; `as` does that. */
export interface OutsideJson {
  bytes: Buffer;
  data: unknown;
  /** Checks all of it. Throws the form's error with the first issues. */
  as<T>(schema: z.ZodType<T>): T;
}

/** Reads a JSON file that came from anywhere. Throws `file.*`, and the form's error for one that is not JSON or exceeds its limits. */
export async function readOutsideJson(path: string, form: OutsideJsonForm): Promise<OutsideJson> {
  const bytes = await readNamed(path, form.limitBytes, form.what);
  const data = parsed(bytes, form);
  return {
    bytes,
    data,
    as: (schema) => {
      const checked = schema.safeParse(data);
      if (!checked.success) throw form.refuse(issueLines(checked.error).slice(0, 5));
      return checked.data;
    },
  };
}

function parsed(bytes: Buffer, { limits, refuse }: OutsideJsonForm): unknown {
  try {
    return parseJson(bytes, limits);
  } catch (error) {
    throw refuse([(error as Error).message]);
  }
}
