import { join } from 'node:path';
import type { z } from 'zod';
import { gitlabResult } from '../../../../shared/contract/gitlab.ts';
import { probeResult } from '../../../../shared/contract/probe.ts';
import { deployed, type siteStatus } from '../../../../shared/contract/site.ts';
import { isOfDeployment } from '../../../../shared/of-deployment.ts';
import { readEvidence } from '../../sites/read-evidence.ts';
import type { SitePaths } from '../../sites/site-paths.ts';

type Evidence = Pick<z.infer<typeof siteStatus>, 'lastProbe' | 'gitlabSettings'>;

/** Returns what the evidence of the present deployment says. Evidence of an earlier one, or that cannot be read, says nothing. */
export async function siteEvidence({ evidence }: SitePaths): Promise<Evidence> {
  const read = <T>(name: string, schema: z.ZodType<T>) => readEvidence(join(evidence, name), schema).catch(() => null);
  const [deployment, probe, gitlab] = await Promise.all([
    read('deploy.json', deployed),
    read('probe.json', probeResult),
    read('gitlab.json', gitlabResult),
  ]);
  const isOf = (one: { deployedAt?: string | undefined }) => isOfDeployment(one, deployment?.deployedAt);
  return {
    ...(probe && isOf(probe) && { lastProbe: lastProbe(probe) }),
    ...(gitlab &&
      isOf(gitlab) &&
      gitlab.applied.length > 0 && {
        gitlabSettings: gitlab.applied.some((one) => one.state === 'differs') ? 'differs' : 'set',
      }),
  };
}

function lastProbe({ at, hops, firstRed, notChecked, findings }: z.infer<typeof probeResult>): Evidence['lastProbe'] {
  const failedHop = firstRed && (hops.find((one) => one.hop === firstRed)?.title ?? firstRed);
  const doubt = findings?.find((one) => one.severity !== 'green')?.title;
  return {
    at,
    hops: hops.filter((one) => !one.skipped).length,
    notChecked: notChecked.length,
    ...(failedHop && { failedHop }),
    ...(doubt && { doubt }),
  };
}
