import { resolve } from 'node:path';
import { contract } from '../../../shared/contract/index.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import type { Finding } from '../../../shared/finding.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { siteHealth } from '../../../shared/site-health.ts';
import type { Cli, Session } from '../cli.ts';
import { deployedLines, planLines } from '../deploy-lines.ts';
import { findingLines } from '../finding-lines.ts';
import { siteName } from '../site-name.ts';
import { partLine, rebootLine, statusLines } from '../status-lines.ts';
import { logsCommand } from './logs.ts';
import { exposureLine } from './service.ts';

/** Adds `deploy`, `status`, `stop`, `start`, `restart`, `logs` and `uninstall`. */
export function siteCommands(cli: Cli): void {
  deployCommand(cli);
  statusCommand(cli);
  const named = (name: string, about: string) =>
    cli.program
      .command(name)
      .description(about)
      .argument('[site.yaml]', 'the site file')
      .option('--site <name>', 'name of the site');
  named('stop', 'stop the service of a site').action(
    cli.action({ writes: true }, async (session, file: string | undefined, options: { site?: string }) => {
      const site = await siteName(session, file, options.site);
      const data = await session.follow(contract.site.stop, session.client.site.stop({ site }));
      return { data, human: data.wasRunning ? `● ${site} is stopped.` : `○ ${site} was not running.` };
    }),
  );
  named('start', 'start the service of a site').action(
    cli.action({ writes: true }, async (session, file: string | undefined, options: { site?: string }) => {
      const site = await siteName(session, file, options.site);
      const data = await session.follow(contract.site.start, session.client.site.start({ site }));
      return { data, human: data.parts.map(partLine).join('\n') };
    }),
  );
  named('restart', 'stop and start the service of a site, as after an update of Sealift').action(
    cli.action({ writes: true }, async (session, file: string | undefined, options: { site?: string }) => {
      const site = await siteName(session, file, options.site);
      const data = await restartSite(session, site);
      return { data, human: data.parts.map(partLine).join('\n') };
    }),
  );
  logsCommand(cli);
  uninstallCommand(cli);
}

async function restartSite({ client, follow }: Session, site: string): Promise<OutputOf<typeof contract.site.start>> {
  await follow(contract.site.stop, client.site.stop({ site }));
  return follow(contract.site.start, client.site.start({ site }));
}

/** The finding that a unit is there, and the service runs without it. */
const startsAtBoot = 'unit.starts-at-boot';

function deployCommand(cli: Cli): void {
  const plan = cli.action({ writes: false }, async ({ client }: Session, file: string) => {
    const data = await client.site.plan({ siteFile: resolve(file) });
    return { data, human: planLines(data), red: data.findings.some((one) => one.severity === 'red') };
  });
  const deploy = cli.action({ writes: true }, async (session: Session, file: string, options: { units?: boolean }) => {
    const { client, follow } = session;
    const data = await follow(contract.site.deploy, client.site.deploy({ siteFile: resolve(file) }));
    const unit = options.units ? await installUnit(session, data.site) : undefined;
    if (unit?.findings.some((one) => one.id === startsAtBoot)) {
      await restartSite(session, data.site);
      unit.findings = unit.findings.filter((one) => one.id !== startsAtBoot);
    }
    const [now] = (await client.site.status({ site: data.site })).sites;
    const lines = [
      deployedLines(data),
      ...(now ? [rebootLine(now)] : []),
      ...(unit?.exposure ? [exposureLine(unit)] : []),
      ...findingLines(unit?.findings ?? []),
    ];
    const red = unit?.findings.some((one) => one.severity === 'red') ?? false;
    return { data: { ...data, ...(unit && { unit }) }, human: lines.join('\n'), red };
  });
  cli.program
    .command('deploy')
    .description('deploy the site that a site file describes; safe to repeat')
    .argument('<site.yaml>', 'the site file')
    .option('--plan', 'only show what would be done')
    .option(
      '--units',
      'also install a systemd unit, which starts the site after a reboot and whenever its service dies',
    )
    .action((file: string, options: { plan?: boolean; units?: boolean }) =>
      options.plan ? plan(file) : deploy(file, options),
    );
}

/** The site is deployed whether or not its unit can be installed, so that is a finding and no error. */
async function installUnit(
  { client }: Session,
  site: string,
): Promise<OutputOf<typeof contract.unit.install> | { exposure?: undefined; findings: Finding[] }> {
  try {
    return await client.unit.install({ site });
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const { code, message, remedies } = thrown.wire;
    const consequence = 'The site is deployed. After a reboot it stays down until someone starts it.';
    return { findings: [{ id: code, severity: 'red', title: message, consequence, remedies }] };
  }
}

function statusCommand(cli: Cli): void {
  cli.program
    .command('status')
    .description("show the state of each site's parts")
    .argument('[site.yaml]', 'the site file (default: all sites in the data folder)')
    .option('--site <name>', 'name of the site')
    .action(
      cli.action({ writes: false }, async (session, file: string | undefined, options: { site?: string }) => {
        const isAsked = file !== undefined || options.site !== undefined;
        const data = await session.client.site.status(
          isAsked
            ? {
                site: await siteName(session, file, options.site),
                ...(file !== undefined && { siteFile: resolve(file) }),
              }
            : {},
        );
        return { data, human: statusLines(data), red: isRed(data) };
      }),
    );
}

function isRed({ findings, sites }: OutputOf<typeof contract.site.status>): boolean {
  const of = (name: string) => findings.filter((one) => one.site === name);
  return sites.some((one) => siteHealth(one, of(one.name)) === 'blocked');
}

interface UninstallOptions {
  site?: string;
  keepWeights?: boolean;
  keepImages?: boolean;
  leaveEngines?: boolean;
  yes?: boolean;
}

function uninstallCommand(cli: Cli): void {
  cli.program
    .command('uninstall')
    .description('stop a site and remove exactly what Sealift created for it')
    .argument('[site.yaml]', 'the site file')
    .option('--site <name>', 'name of the site')
    .option('--keep-weights', 'keep the model in the store')
    .option('--keep-images', 'keep the imported images in the container engine')
    .option(
      '--leave-engines',
      "continue without container engines that do not answer; the site's objects there are kept",
    )
    .option('--yes', 'remove everything instead of only listing it')
    .action(
      cli.action({ writes: true }, async (session, file: string | undefined, options: UninstallOptions) => {
        const site = await siteName(session, file, options.site);
        const { keepWeights = false, keepImages = false, leaveEngines = false } = options;
        const input = { site, keepWeights, keepImages, leaveEngines };
        if (!options.yes) {
          const { removes, keeps, engineObjects = [], undoWith } = await session.client.site.removal(input);
          throw appError('site.uninstall-unconfirmed', {
            site,
            removes: [...engineObjects, ...removes],
            keeps: keeps.map((one) => one.path),
            ...(undoWith !== undefined && { undoWith }),
          });
        }
        const data = await session.follow(contract.site.uninstall, session.client.site.uninstall(input));
        const kept = data.keeps.map((one) => `○ kept ${one.path} (${one.reason})`);
        const removed = [...(data.engineObjects ?? []), ...data.removes].map((one) => `● removed ${one}`);
        return { data, human: [...removed, ...kept].join('\n') };
      }),
    );
}
