import { command } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import type { HomePaths } from '../settings/paths.ts';
import { type Deployment, deployCommand } from './deployment-record.ts';
import { readSiteFile } from './read-site-file.ts';
import { sitePaths } from './site-paths.ts';

const mostFields = 10;

/** That a site's last deployment did not end, or is still at work; with the command that goes on. Empty when it ended. */
export function deploymentFindings(site: string, last: Deployment | undefined): Finding[] {
  if (!last || last.state === 'ended') return [];
  const end = last.failedAt === undefined ? 'has written no end' : `failed or was cancelled at ${last.failedAt}`;
  const howWeKnow = `it began at ${last.startedAt} and ${end}`;
  if (last.state === 'running') {
    const remedies = [command('See how far it is', 'sealift jobs')];
    return [{ id: 'site.deploying', severity: 'amber', title: `${site} is being deployed`, remedies, howWeKnow }];
  }
  return [
    {
      id: 'site.deploy-interrupted',
      severity: 'red',
      title: `${site}: its deployment was interrupted or failed, and is not complete`,
      consequence: 'What it made is kept; the same deployment goes on from there.',
      remedies: [command('Go on with it', deployCommand(last.siteFile))],
      howWeKnow,
    },
  ];
}

/** That a site file says something else than what is deployed, with the fields. Empty when it says the same or is not there. */
export async function fileFindings(home: HomePaths, site: string, siteFile: string): Promise<Finding[]> {
  const deployed = await readSiteFile(sitePaths(home.sites, site).siteFile).catch(() => undefined);
  if (!deployed) return [];
  const asked = await readSiteFile(siteFile).catch((error: { code?: string; message: string }) => error);
  if ('code' in asked && asked.code === 'file.missing') return [];
  const fields = 'site' in asked ? differences(deployed.site, asked.site) : [];
  if ('site' in asked && fields.length === 0) return [];
  const shown = fields.slice(0, mostFields).join(', ') + (fields.length > mostFields ? ', …' : '');
  return [
    {
      id: 'site.file-differs',
      severity: 'amber',
      title: `${site}: ${siteFile} differs from what is deployed${shown && `: ${shown}`}`,
      consequence: 'What it says takes effect when it is deployed.',
      remedies: [command('See what would change', deployCommand(siteFile, '--plan'))],
      ...('message' in asked && { howWeKnow: asked.message.slice(0, 300) }),
    },
  ];
}

/** Names of the fields in which two site files differ. */
function differences(a: SiteFile, b: SiteFile): string[] {
  const [before, after] = [leaves(a), leaves(b)];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.filter((name) => before.get(name) !== after.get(name));
}

function leaves(value: object, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(value).flatMap(([name, one]) =>
      typeof one === 'object' && !Array.isArray(one)
        ? [...leaves(one, `${prefix}${name}.`)]
        : [[`${prefix}${name}`, JSON.stringify(one)] as const],
    ),
  );
}
