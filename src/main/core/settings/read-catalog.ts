import { join } from 'node:path';
import type { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { parseYaml, yamlIssues } from '../files/parse-yaml.ts';
import { readBounded, readNamed } from '../files/read-bounded.ts';
import { sha256Hex } from '../files/sha256.ts';

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
  const checked = schema.safeParse((await parsedByBuild(resources, bytes)) ?? parsedHere(bytes, damaged));
  if (!checked.success) throw damaged(issueLines(checked.error).slice(0, 5));
  return checked.data;
}

/**
 * Name of the JSON with the value of a catalogue file, which the build writes because parsing YAML takes each command a third of a second.
 * It depends on every byte of the YAML, so a corrected file never meets the JSON of an older one.
 */
export function parsedCatalogName(yaml: Buffer): string {
  return `${sha256Hex(yaml)}.json`;
}

/** Returns what the build parsed from exactly these bytes; undefined for a file that was corrected since. */
async function parsedByBuild(resources: string, yaml: Buffer): Promise<unknown> {
  try {
    const json = await readBounded(join(resources, '../out/main/catalog', parsedCatalogName(yaml)), limitBytes);
    return json && JSON.parse(json.toString('utf8'));
  } catch {
    return undefined;
  }
}

function parsedHere(bytes: Buffer, damaged: (issues: string[]) => Error): unknown {
  const parsed = parseYaml(bytes);
  if (!parsed.isYaml) throw damaged(yamlIssues(parsed.problems));
  return parsed.value;
}
