import { resolve } from 'node:path';
import { tokenSource } from '../token-source.ts';

/** Returns the input for the jobs that contact GitLab. */
export function gitlabTarget(siteFile: string, options: { tokenFile?: string }) {
  return { siteFile: resolve(siteFile), ...tokenSource(options) };
}
