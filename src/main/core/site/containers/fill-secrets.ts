import { join } from 'node:path';
import type { ContainerSpec } from '../../engine/container-spec.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { readBounded } from '../../files/read-bounded.ts';
import type { SitePaths } from '../site-paths.ts';

const limitBytes = 64 * 1024;

/** The specification with the values of its secrets, from the site's secrets folder; undefined while one is not there yet. */
export async function fillSecrets(planned: PlannedContainer, paths: SitePaths): Promise<ContainerSpec | undefined> {
  const env = { ...planned.spec.env };
  for (const [name, file] of Object.entries(planned.secrets)) {
    const value = (await readBounded(join(paths.secrets, file), limitBytes))?.toString('utf8');
    if (!value) return undefined;
    env[name] = value;
  }
  return { ...planned.spec, env };
}
