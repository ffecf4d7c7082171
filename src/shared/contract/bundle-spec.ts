import { z } from 'zod';
import { bundleSpec } from '../bundle-spec.ts';
import { call } from '../rpc/contract.ts';

const path = z.string().min(1).max(4096);

/** A `BUNDLE.yaml` as a form shows it: relative paths are made absolute, from the folder of the file. */
export const readSpec = call(z.object({ path }), z.object({ spec: bundleSpec }));

/**
 * Checks what a form says against the schema of `BUNDLE.yaml` and, when it is right, writes `bundles/<name>.bundle.yaml` below the data
 * folder. `field` is the path of a field, as in `contents.0.name`; file paths must be absolute.
 */
export const writeSpec = call(
  z.object({ spec: z.record(z.string(), z.unknown()) }),
  z.object({ path: path.optional(), problems: z.array(z.object({ field: z.string(), problem: z.string() })) }),
  { writes: true },
);
