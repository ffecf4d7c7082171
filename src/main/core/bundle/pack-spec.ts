import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type BundleSpec, bundleSpec } from '../../../shared/bundle-spec.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { issueText } from '../../../shared/issue-text.ts';
import { readNamed } from '../files/read-bounded.ts';

const maxSpecBytes = 1024 * 1024;

/** A checked `BUNDLE.yaml`; `folder` is what its relative paths start from. */
export interface LoadedSpec {
  spec: BundleSpec;
  folder: string;
}

/** Reads and checks a `BUNDLE.yaml`. Throws `file.missing`, `file.denied`, `file.too-large` or `input.invalid`, which names each field with its value. */
export async function readBundleSpec(file: string): Promise<LoadedSpec> {
  const text = (await readNamed(file, maxSpecBytes, 'The bundle description')).toString('utf8');
  const value = parseYaml(text, file);
  const checked = bundleSpec.safeParse(value);
  if (!checked.success) {
    throw appError('input.invalid', {
      what: file,
      issues: checked.error.issues.map((issue) => issueLine(issue, value)),
    });
  }
  return { spec: checked.data, folder: dirname(resolve(file)) };
}

function parseYaml(text: string, file: string): unknown {
  const invalid = (issues: string[], cause?: unknown) => appError('input.invalid', { what: file, issues }, cause);
  try {
    const document = parseDocument(text, { lineCounter: new LineCounter() });
    if (document.errors.length > 0) throw invalid(document.errors.map(firstLine));
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    // By aliases a value can hold itself, and nothing could show it.
    JSON.stringify(value);
    return value;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof ReferenceError ? firstLine(error) : 'it holds itself, or is nested too deeply';
    throw invalid([`an alias (*name) leads astray: ${reason}`], error);
  }
}

function firstLine({ message }: Error): string {
  return message.split('\n', 1)[0] ?? '';
}

function issueLine(issue: z.core.$ZodIssue, root: unknown): string {
  const at = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${String(key)}` : String(key)),
    '',
  );
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    root,
  );
  const is = issue.code === 'unrecognized_keys' ? '' : ` (is ${JSON.stringify(value)?.slice(0, 100) ?? 'missing'})`;
  return `${at || 'the file'}: ${issueText(issue)}${is}`;
}
