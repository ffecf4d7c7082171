import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { appError } from '../../../shared/errors/app-error.ts';
import { issueLines } from '../../../shared/rpc/frames.ts';
import { type HardwareCatalog, hardwareCatalog } from './hardware-catalog.ts';
import { type ModelCatalog, modelCatalog } from './model-catalog.ts';

/** Reads `catalog/models.yaml` below the app's resources. Raises `catalog.damaged`. */
export function loadModelCatalog(resources: string): Promise<ModelCatalog> {
  return load(join(resources, 'catalog', 'models.yaml'), modelCatalog);
}

/** Reads `catalog/hardware.yaml` below the app's resources. Raises `catalog.damaged`. */
export function loadHardwareCatalog(resources: string): Promise<HardwareCatalog> {
  return load(join(resources, 'catalog', 'hardware.yaml'), hardwareCatalog);
}

async function load<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  let data: unknown;
  try {
    data = parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw appError('catalog.damaged', { path, issues: ['it cannot be read as YAML'] }, error);
  }
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw appError('catalog.damaged', { path, issues: issueLines(parsed.error).slice(0, 5) });
  return parsed.data;
}
