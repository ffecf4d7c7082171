import { resolve } from 'node:path';
import { givenToken } from '../given-token.ts';

/** What the jobs that speak with GitLab are told. */
export function gitlabTarget(siteFile: string, options: { tokenFile?: string }) {
  return { siteFile: resolve(siteFile), ...givenToken(options) };
}
