import { join } from 'node:path';
import { deployed } from '../../../shared/contract/site.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { command } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { usesContainers } from '../site/container-rules.ts';
import { deployCommand } from '../site/deployment-record.ts';
import { readEvidence } from '../site/read-evidence.ts';
import type { SitePaths } from '../site/site-paths.ts';

/** What the record of a site's deployment tells the probe. */
export interface RecordedStandIns {
  /** Parts whose containers are stand-ins, as far as that is recorded. */
  simulatedParts: string[];
  deployedAt?: string;
  /** That the site has containers, and it is not known whether they are stand-ins. */
  findings: Finding[];
}

/** Reads which containers of a site are stand-ins. A record that is broken stops no probe, but leaves its answers in doubt. */
export async function recordedStandIns(site: SiteFile, siteFile: string, paths: SitePaths): Promise<RecordedStandIns> {
  const path = join(paths.evidence, 'deploy.json');
  const found = await readEvidence(path, deployed).catch((error: unknown) => {
    if (error instanceof AppError) return error.message;
    throw error;
  });
  if (found !== null && typeof found !== 'string') {
    const simulated = (found.containers ?? []).filter((one) => one.simulated);
    return { simulatedParts: simulated.map((one) => one.part), deployedAt: found.deployedAt, findings: [] };
  }
  const unknown: Finding = {
    id: 'probe.stand-ins-not-known',
    severity: 'amber',
    title: `${site.name}: it is not known whether its containers are stand-ins (SIMULATED)`,
    consequence: 'A stand-in that does not say so itself is shown as the real thing.',
    remedies: [command('Record anew what runs', deployCommand(siteFile))],
    howWeKnow: found ?? `${path} is not there`,
  };
  return { simulatedParts: [], findings: usesContainers(site) ? [unknown] : [] };
}
