import { join } from 'node:path';
import type { ContainerSpec } from '../../engine/container-spec.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { readUpstreamKey } from '../../files/upstream-key.ts';
import type { SitePaths } from '../../sites/site-paths.ts';

const limitBytes = 64 * 1024;

/**
 * Fills in the values of the secrets, from the site's secrets folder or their own source; undefined while the folder lacks one. Throws as
 * `readUpstreamKey` does.
 */
export async function fillSecrets(planned: PlannedContainer, paths: SitePaths): Promise<ContainerSpec | undefined> {
  const env = { ...planned.spec.env };
  for (const [name, source] of Object.entries(planned.secrets)) {
    const value =
      typeof source === 'string'
        ? (await readBounded(join(paths.secrets, source), limitBytes))?.toString('utf8')
        : await readUpstreamKey(source, source.field);
    if (!value) return undefined;
    env[name] = value;
  }
  return { ...planned.spec, env };
}
