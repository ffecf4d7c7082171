import type { z } from 'zod';
import type { siteStatus } from './contract/site.ts';
import type { Finding } from './finding.ts';
import type { Mark } from './mark.ts';

type Site = Pick<z.infer<typeof siteStatus>, 'lastProbe' | 'gitlabSettings'>;

/** Returns how the last probe of a site and the last look at its GitLab settings ended; `todo` if there was none. */
export function evidenceMarks({ lastProbe, gitlabSettings }: Site): { probe: Mark; gitlab: Mark } {
  const ended = lastProbe?.failedHop ? 'blocked' : lastProbe?.doubt ? 'look' : 'done';
  const settings = { set: 'done', differs: 'look' } as const;
  return { probe: lastProbe ? ended : 'todo', gitlab: gitlabSettings ? settings[gitlabSettings] : 'todo' };
}

/** Returns the health of a site: as bad as the worst of its findings, its last probe and its GitLab settings. */
export function siteHealth(site: Site, findings: readonly Pick<Finding, 'severity'>[]): 'done' | 'look' | 'blocked' {
  const { probe, gitlab } = evidenceMarks(site);
  const isBlocked = probe === 'blocked' || findings.some((one) => one.severity === 'red');
  const isGood = probe === 'done' && gitlab === 'done' && findings.every((one) => one.severity === 'green');
  return isBlocked ? 'blocked' : isGood ? 'done' : 'look';
}
