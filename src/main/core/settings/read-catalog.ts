import { join } from 'node:path';
import type { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { parseYaml, yamlIssues } from '../files/parse-yaml.ts';
import { readNamed } from '../files/read-bounded.ts';

const limitBytes = 1024 * 1024;

/** Reads and checks one file of `resources/catalog`. Throws `catalog.damaged` with its path and what is wrong. */
export async function readCatalog<S extends z.ZodType>(
  resources: string,
  file: string,
  schema: S,
): Promise<z.output<S>> {
  const path = join(resources, 'catalog', file);
  const damaged = (issues: string[], cause?: unknown) => appError('catalog.damaged', { path, issues }, cause);
  const bytes = await readNamed(path, limitBytes, 'A catalogue file').catch((error: unknown) => {
    throw damaged(['it cannot be read'], error);
  });
  const parsed = parseYaml(bytes);
  if (!parsed.isYaml) throw damaged(yamlIssues(parsed.problems));
  const checked = schema.safeParse(parsed.value);
  if (!checked.success) throw damaged(issueLines(checked.error).slice(0, 5));
  return checked.data;
}
