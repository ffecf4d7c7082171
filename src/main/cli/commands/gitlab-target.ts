import { resolve } from 'node:path';

/** What the jobs that speak with GitLab are told; a token file wins over the environment. Tokens never come as arguments. */
export function gitlabTarget(siteFile: string, { tokenFile }: { tokenFile?: string }) {
  const token = process.env.SEALIFT_GITLAB_TOKEN;
  return { siteFile: resolve(siteFile), ...(tokenFile ? { tokenFile: resolve(tokenFile) } : token && { token }) };
}
