import { resolve } from 'node:path';
import { tokenSource } from '../token-source.ts';

/** What the jobs that speak with GitLab are told. */
export function gitlabTarget(siteFile: string, options: { tokenFile?: string }) {
  return { siteFile: resolve(siteFile), ...tokenSource(options) };
}
