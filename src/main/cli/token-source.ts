import { resolve } from 'node:path';

const variable = 'SEALIFT_GITLAB_TOKEN';
const environmentToken = process.env[variable];
// Child processes, some of which outlive this program, must not inherit it.
delete process.env[variable];

/** Returns the GitLab token for the core; a token file takes precedence over the environment. Tokens are never passed as arguments. */
export function tokenSource({ tokenFile }: { tokenFile?: string }): { tokenFile?: string; token?: string } {
  if (tokenFile !== undefined) return { tokenFile: resolve(tokenFile) };
  return environmentToken ? { token: environmentToken } : {};
}
