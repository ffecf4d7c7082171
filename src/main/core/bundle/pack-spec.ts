import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { type BundleSpec, bundleSpec } from '../../../shared/bundle-spec.ts';
import { appError } from '../../../shared/errors/app-error.ts';
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
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw appError('input.invalid', {
      what: file,
      issues: document.errors.map((one) => one.message.split('\n', 1)[0] ?? ''),
    });
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  const checked = bundleSpec.safeParse(value);
  if (!checked.success) {
    throw appError('input.invalid', {
      what: file,
      issues: checked.error.issues.map((issue) => issueLine(issue, value)),
    });
  }
  return { spec: checked.data, folder: dirname(resolve(file)) };
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
