import { resolve } from 'node:path';

const variable = 'SEALIFT_GITLAB_TOKEN';
const environmentToken = process.env[variable];
// What this program starts, some of which outlives it, shall not have it.
delete process.env[variable];

/** The token for GitLab as the core is told it; a token file wins over the environment. Tokens never come as arguments. */
export function tokenSource({ tokenFile }: { tokenFile?: string }): { tokenFile?: string; token?: string } {
  if (tokenFile !== undefined) return { tokenFile: resolve(tokenFile) };
  return environmentToken ? { token: environmentToken } : {};
}
