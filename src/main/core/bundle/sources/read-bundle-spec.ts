import { dirname, resolve } from 'node:path';
import { type BundleSpec, checkBundleSpec, type SpecProblem } from '../../../../shared/bundle-spec.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { parseYaml, yamlIssues } from '../../files/parse-yaml.ts';
import { readNamed } from '../../files/read-bounded.ts';
import type { Pin } from './content-source.ts';

const maxSpecBytes = 1024 * 1024;
const maxAliases = 100;

/** A checked `BUNDLE.yaml`; relative paths start from `folder`. */
export interface LoadedSpec {
  spec: BundleSpec;
  folder: string;
  /** The file next to the description that keeps what its names stood for. */
  lock?: string;
  /** What working out its `site` found in registries, for the lock file. */
  pins?: Pin[];
}

/** Reads and checks a `BUNDLE.yaml`. Throws `file.missing`, `file.denied`, `file.too-large` or `input.invalid`, which names each field with its value. */
export async function readBundleSpec(file: string): Promise<LoadedSpec> {
  const parsed = parseYaml(await readNamed(file, maxSpecBytes, 'The bundle description'), maxAliases);
  if (!parsed.isYaml) throw appError('input.invalid', { what: file, issues: yamlIssues(parsed.problems) });
  const checked = checkBundleSpec(parsed.value);
  if ('problems' in checked) throw appError('input.invalid', { what: file, issues: checked.problems.map(problemLine) });
  return { spec: checked.spec, folder: dirname(resolve(file)), lock: lockOf(resolve(file)) };
}

function lockOf(path: string): string {
  return `${path.replace(/\.ya?ml$/i, '')}.lock.yaml`;
}

function problemLine(one: SpecProblem): string {
  const at = one.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text ? `${text}.${key}` : key),
    '',
  );
  const is = 'value' in one ? ` (is ${JSON.stringify(one.value)?.slice(0, 100) ?? 'missing'})` : '';
  return `${at || 'the file'}: ${one.problem}${is}`;
}
