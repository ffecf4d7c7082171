import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The root folder of a system with a newer Docker, as `.ci/newer-docker` makes it. */
export const newerDocker = process.env.SEALIFT_TEST_NEWER_DOCKER ?? '';

/** True when there is one. */
export function newerDockerIsThere(): boolean {
  return newerDocker !== '' && existsSync(join(newerDocker, 'usr/sbin/dockerd'));
}
