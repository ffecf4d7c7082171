import { command } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { type Deployment, deployCommand } from '../../sites/deployment-record.ts';
import { readSiteFile } from '../../sites/read-site-file.ts';
import type { SitePaths } from '../../sites/site-paths.ts';

const mostFields = 10;

/**
 * Reports a site's last deployment that is running or did not complete, with the command that resumes it. Empty when it
 * completed.
 */
export function deploymentFindings(site: string, last: Deployment | undefined): Finding[] {
  if (!last) return [];
  if (last.undo && last.state !== 'running') return [unfinishedUpgrade(site, last, last.undo)];
  if (last.state === 'ended') return [];
  const end = last.failedAt === undefined ? 'did not record its end' : `failed or was cancelled at ${last.failedAt}`;
  const howWeKnow = `it started at ${last.startedAt} and ${end}`;
  if (last.state === 'running') {
    const remedies = [command('See its progress', 'sealift jobs')];
    return [{ id: 'site.deploying', severity: 'amber', title: `${site} is being deployed`, remedies, howWeKnow }];
  }
  return [
    {
      id: 'site.deploy-interrupted',
      severity: 'red',
      title: `${site}: its last deployment was interrupted or failed`,
      consequence: 'What it made is kept; deploying again resumes from there.',
      remedies: [command('Resume the deployment', last.resume)],
      howWeKnow,
    },
  ];
}

function unfinishedUpgrade(site: string, { state, resume, startedAt }: Deployment, undo: string): Finding {
  return {
    id: 'site.upgrade-unfinished',
    severity: state === 'ended' ? 'amber' : 'red',
    title: `${site}: its upgrade is not finished`,
    consequence:
      state === 'ended'
        ? 'This deployment has not been probed yet, or the upgrade had not started to change it.'
        : 'Parts of the site may not run. Nothing of the earlier state was removed.',
    remedies: [command('Resume the upgrade', resume), command('Return to the state before it', undo)],
    howWeKnow: `its record is not closed; the last deployment started at ${startedAt}`,
  };
}

/** Reports the fields in which a site file differs from what is deployed. Empty when there are none or the file is missing. */
export async function fileFindings(paths: SitePaths, siteFile: string): Promise<Finding[]> {
  const deployed = await readSiteFile(paths.siteFile).catch(() => undefined);
  if (!deployed) return [];
  const asked = await readSiteFile(siteFile).catch((error: { code?: string; message: string }) => error);
  if ('code' in asked && asked.code === 'file.missing') return [];
  const fields = 'site' in asked ? fieldChanges(deployed.site, asked.site).map((one) => one.field) : [];
  if ('site' in asked && fields.length === 0) return [];
  const shown = fields.slice(0, mostFields).join(', ') + (fields.length > mostFields ? ', …' : '');
  return [
    {
      id: 'site.file-differs',
      severity: 'amber',
      title: `${paths.name}: ${siteFile} differs from what is deployed${shown && `: ${shown}`}`,
      consequence: 'Changes take effect at the next deployment.',
      remedies: [command('See what would change', deployCommand(siteFile, '--plan'))],
      ...('message' in asked && { howWeKnow: asked.message.slice(0, 300) }),
    },
  ];
}

/** Returns the fields in which two site files differ, with their values as JSON. */
export function fieldChanges(a: SiteFile, b: SiteFile): { field: string; before?: string; after?: string }[] {
  const [before, after] = [leaves(a), leaves(b)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((field) => {
    const [was, is] = [before.get(field), after.get(field)];
    if (was === is) return [];
    return [{ field, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }];
  });
}

function leaves({ models, ...site }: SiteFile): Map<string, string> {
  if (!models) return leavesOf(site);
  // By name, so that a change of one model is not one of all. What they are for is theirs.
  const { features: _ofAll, ...rest } = site;
  const byName = Object.fromEntries(models.map((one) => [one.servedName, one]));
  const order = JSON.stringify(models.map((one) => one.servedName));
  return new Map([...leavesOf({ ...rest, models: byName }), ['models', order]]);
}

function leavesOf(value: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(value).flatMap(([name, one]) =>
      typeof one === 'object' && !Array.isArray(one)
        ? [...leavesOf(one, `${prefix}${name}.`)]
        : [[`${prefix}${name}`, JSON.stringify(one)] as const],
    ),
  );
}
