import { z } from 'zod';
import { bundleSpec } from '../bundle-spec.ts';
import { call } from '../rpc/contract.ts';

const path = z.string().min(1).max(4096);

/** Reads a `BUNDLE.yaml` for a form. Relative paths are resolved against the folder of the file. */
export const readSpec = call(z.object({ path }), z.object({ spec: bundleSpec }));

/**
 * Validates form input against the schema of `BUNDLE.yaml` and, if it is valid, writes `bundles/<name>.bundle.yaml` in the data folder.
 * `field` is the path of a field, as in `contents.0.name`. File paths must be absolute.
 */
export const writeSpec = call(
  z.object({ spec: z.record(z.string(), z.unknown()) }),
  z.object({ path: path.optional(), problems: z.array(z.object({ field: z.string(), problem: z.string() })) }),
  { writes: true },
);
