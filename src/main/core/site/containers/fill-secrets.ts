import { join } from 'node:path';
import type { ContainerSpec } from '../../engine/container-spec.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { readBounded } from '../../files/read-bounded.ts';
import type { SitePaths } from '../../sites/site-paths.ts';

const limitBytes = 64 * 1024;

/** Fills in the values of the secrets from the site's secrets folder; undefined while one does not exist yet. */
export async function fillSecrets(planned: PlannedContainer, paths: SitePaths): Promise<ContainerSpec | undefined> {
  const env = { ...planned.spec.env };
  for (const [name, file] of Object.entries(planned.secrets)) {
    const value = (await readBounded(join(paths.secrets, file), limitBytes))?.toString('utf8');
    if (!value) return undefined;
    env[name] = value;
  }
  return { ...planned.spec, env };
}
