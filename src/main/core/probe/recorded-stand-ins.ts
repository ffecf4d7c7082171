import { join } from 'node:path';
import { deployed } from '../../../shared/contract/site.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { command } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { usesContainers } from '../sites/container-rules.ts';
import { deployCommand } from '../sites/deployment-record.ts';
import { readEvidence } from '../sites/read-evidence.ts';
import type { SitePaths } from '../sites/site-paths.ts';

/** The part of a site's deployment record that the probe needs. */
export interface RecordedStandIns {
  /** Parts whose containers are recorded as stand-ins. */
  simulatedParts: string[];
  deployedAt?: string;
  /** One finding when the site has containers and the record does not say whether they are stand-ins. */
  findings: Finding[];
}

/** Reads which containers of a site are stand-ins. A broken record does not stop the probe, but makes its answers doubtful. */
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
    title: `${site.name}: unknown whether its containers are stand-ins (SIMULATED)`,
    consequence: 'A stand-in that does not identify itself is shown as the real product.',
    remedies: [command('Deploy again to update the record', deployCommand(siteFile))],
    howWeKnow: found ?? `${path} does not exist`,
  };
  return { simulatedParts: [], findings: usesContainers(site) ? [unknown] : [] };
}
