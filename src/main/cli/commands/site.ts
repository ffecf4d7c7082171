import { resolve } from 'node:path';
import { contract } from '../../../shared/contract/index.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import type { Finding } from '../../../shared/finding.ts';
import { measuredTexts } from '../../../shared/measured-words.ts';
import { partHealth } from '../../../shared/part-health.ts';
import type { InputOf, ItemOf, OutputOf } from '../../../shared/rpc/contract.ts';
import { servingRows } from '../../core/report/serving-rows.ts';
import type { Cli, Outcome, Session } from '../cli.ts';
import { columns } from '../columns.ts';
import { findingLines } from '../finding-lines.ts';
import { readCount } from '../read-count.ts';
import { watchReader } from '../watch-reader.ts';

type Deployed = OutputOf<typeof contract.site.deploy>;
type Planned = OutputOf<typeof contract.site.plan>;
type Status = OutputOf<typeof contract.site.status>;
type Part = Status['parts'][number];
type LogLine = ItemOf<typeof contract.site.logs>;

const stateGlyphs = { exists: '●', 'will-be-made': '○', 'will-change': '◐', blocked: '■' } as const;
const stateWords = { exists: 'exists', 'will-be-made': 'create', 'will-change': 'change', blocked: 'blocked' } as const;
const stateWidth = 7;

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
      await session.follow(contract.site.stop, session.client.site.stop({ site }));
      const data = await session.follow(contract.site.start, session.client.site.start({ site }));
      return { data, human: data.parts.map(partLine).join('\n') };
    }),
  );
  logsCommand(cli);
  uninstallCommand(cli);
}

function deployCommand(cli: Cli): void {
  const plan = cli.action({ writes: false }, async ({ client }: Session, file: string) => {
    const data = await client.site.plan({ siteFile: resolve(file) });
    return { data, human: planLines(data), red: data.findings.some((one) => one.severity === 'red') };
  });
  const deploy = cli.action({ writes: true }, async (session: Session, file: string, options: { units?: boolean }) => {
    const { client, follow } = session;
    const data = await follow(contract.site.deploy, client.site.deploy({ siteFile: resolve(file) }));
    const unit = options.units ? await installUnit(session, data.site) : undefined;
    const [now] = (await client.site.status({ site: data.site })).sites;
    const lines = [deployedLines(data), ...(now ? [rebootLine(now)] : []), ...findingLines(unit?.findings ?? [])];
    const red = unit?.findings.some((one) => one.severity === 'red') ?? false;
    return { data: { ...data, ...(unit && { unit }) }, human: lines.join('\n'), red };
  });
  cli.program
    .command('deploy')
    .description('deploy the site that a site file describes; safe to repeat')
    .argument('<site.yaml>', 'the site file')
    .option('--plan', 'only show what would be done')
    .option('--units', 'also install a systemd unit, which starts the site after a reboot')
    .action((file: string, options: { plan?: boolean; units?: boolean }) =>
      options.plan ? plan(file) : deploy(file, options),
    );
}

/** The site is deployed whether or not its unit can be installed, so that is a finding and no error. */
async function installUnit(
  { client }: Session,
  site: string,
): Promise<Partial<OutputOf<typeof contract.unit.install>> & { findings: Finding[] }> {
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
        return { data, human: statusLines(data), red: data.findings.some((one) => one.severity === 'red') };
      }),
    );
}

function logsCommand(cli: Cli): void {
  cli.program
    .command('logs')
    .description("show the logs of a site's parts")
    .argument('[site.yaml]', 'the site file')
    .option('--site <name>', 'name of the site')
    .option('--part <name>', 'only this part')
    .option('--follow', 'keep following until Ctrl-C')
    .option('--tail <lines>', 'number of last lines to show per part', '100')
    .action(
      cli.action(
        { writes: false },
        async (
          session,
          file: string | undefined,
          options: { site?: string; part?: string; follow?: boolean; tail: string },
        ) => {
          const tail = readCount(options.tail, '--tail', 'logs', { least: 0, most: 10_000 });
          const site = await siteName(session, file, options.site);
          const query = { site, tail, ...(options.part !== undefined && { part: options.part }) };
          return options.follow ? followLogs(session, query) : readLogs(session, query);
        },
      ),
    );
}

type LogQuery = Omit<InputOf<typeof contract.site.logs>, 'follow'>;

async function readLogs({ client }: Session, query: LogQuery): Promise<Outcome> {
  const lines: LogLine[] = [];
  for await (const line of client.site.logs({ ...query, follow: false })) lines.push(line);
  return { data: { lines }, human: lines.map(logText).join('\n') };
}

async function followLogs({ client, emit, stopped }: Session, query: LogQuery): Promise<'emitted'> {
  const lines = client.site.logs({ ...query, follow: true })[Symbol.asyncIterator]();
  const reader = watchReader();
  try {
    for (;;) {
      const next = await Promise.race([lines.next(), reader.gone]);
      if (!next || next.done) return 'emitted';
      emit(next.value, logText(next.value));
    }
  } catch (error) {
    // Following ends with Ctrl-C.
    if (!stopped.aborted) throw error;
    return 'emitted';
  } finally {
    reader.stop();
  }
}

function logText({ part, simulated, line }: LogLine): string {
  return `${part.padEnd(8)} ${simulated ? '[SIMULATED] ' : ''}${line}`;
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
          const { removes, keeps, engineObjects = [] } = await session.client.site.removal(input);
          throw appError('site.uninstall-unconfirmed', {
            site,
            removes: [...engineObjects, ...removes],
            keeps: keeps.map((one) => one.path),
          });
        }
        const data = await session.follow(contract.site.uninstall, session.client.site.uninstall(input));
        const kept = data.keeps.map((one) => `○ kept ${one.path} (${one.reason})`);
        const removed = [...(data.engineObjects ?? []), ...data.removes].map((one) => `● removed ${one}`);
        return { data, human: [...removed, ...kept].join('\n') };
      }),
    );
}

async function siteName(session: Session, file: string | undefined, site: string | undefined): Promise<string> {
  // An empty name, as from an unset variable in a script, must not mean the only existing site.
  const asked = { ...(file !== undefined && { siteFile: resolve(file) }), ...(site !== undefined && { site }) };
  return (await session.client.site.resolve(asked)).site;
}

function planLines(plan: Planned): string {
  const steps = plan.steps.map(
    (step) =>
      `${stateGlyphs[step.state]} ${stateWords[step.state].padEnd(stateWidth)}  ${step.title}${mark(step)}${step.why ? `: ${step.why}` : ''}\n  ${' '.repeat(stateWidth)}  ${step.what}${containerLines(step.container)}`,
  );
  return [...steps, ...findingLines(plan.findings)].join('\n');
}

function containerLines(container: Planned['steps'][number]['container']): string {
  if (!container) return '';
  const { env, ports, mounts, extraHosts, command } = container;
  const rows = [
    ...ports.map((one) => ['port', `${one.hostIp}:${one.hostPort} to ${one.containerPort}`]),
    ...mounts.map((one) => ['mount', `${one.source} at ${one.target}${one.readOnly ? ', read-only' : ''}`]),
    ...extraHosts.map((one) => ['host', one]),
    ...Object.entries(env).map(([name, value]) => ['env', `${name}=${value}`]),
    ...(command ? [['command', command.join(' ')]] : []),
  ];
  return columns(rows, ' '.repeat(stateWidth + 6))
    .map((line) => `\n${line}`)
    .join('');
}

function deployedLines(data: Deployed): string {
  const count = (state: string) => data.steps.filter((step) => step.state === state).length;
  const parts = data.parts.map((part) => [
    `● ${part.name}`,
    `${part.host}:${part.port}`,
    `${part.kind} ${part.version}${mark(part)}`,
  ]);
  const containers = (data.containers ?? []).map((one) => {
    const ports = one.ports.map((port) => `${port.hostIp}:${port.hostPort}`).join(', ');
    return [`● ${one.part}`, ports || 'no published port', `container ${one.name} of ${one.image}${mark(one)}`];
  });
  const counts = `${count('made')} created, ${count('changed')} changed, ${count('kept')} kept`;
  return [`● ${data.site}: ${counts}`, ...columns([...parts, ...containers])].join('\n');
}

function statusLines(status: Status): string {
  if (status.sites.length === 0) return 'No site is deployed in this data folder.';
  const parts = status.parts.map(partLine);
  const sites = status.sites.flatMap((one) => [...evidenceLines(one), rebootLine(one)]);
  return [...parts, ...sites, ...findingLines(status.findings)].join('\n');
}

function evidenceLines({ name, lastProbe, gitlabSettings }: Status['sites'][number]): string[] {
  const probed = lastProbe?.failedHop
    ? `■ ${name}: the last probe failed at ${lastProbe.failedHop}`
    : lastProbe
      ? `${lastProbe.doubt ? '▲' : '●'} ${name}: ${answered(lastProbe)}${lastProbe.doubt ? `, but ${lastProbe.doubt}` : ''}`
      : `○ ${name}: this deployment was not probed yet`;
  const settings = {
    set: `● ${name}: the GitLab settings were read back correctly`,
    differs: `▲ ${name}: some GitLab settings differ`,
  };
  return [probed, gitlabSettings ? settings[gitlabSettings] : `○ ${name}: no GitLab settings were read back`];
}

function answered({ hops, notChecked }: NonNullable<Status['sites'][number]['lastProbe']>): string {
  const all = hops === 1 ? 'the only checked hop' : `all ${hops} checked hops`;
  return `${all} of the last probe answered${notChecked > 0 ? `, ${notChecked} not checked` : ''}`;
}

function rebootLine({ name, afterReboot }: Status['sites'][number]): string {
  if (afterReboot === 'starts') return `● ${name} starts again after a reboot`;
  if (afterReboot === 'at-login') return `▲ ${name} starts again after a reboot only once its user logs in`;
  return `○ ${name} does not start again after a reboot: sealift service install --site ${name}`;
}

function partLine(part: Part): string {
  const where = part.port === undefined ? '' : `  ${part.host}:${part.port}`;
  const figures = measuredTexts(part.measured);
  const shown = figures.length > 0 ? `\n    ${figures.join(' · ')}` : '';
  const { glyph, word, meaning } = partHealth[part.state];
  const why = part.state === 'running' ? '' : `\n    ${meaning}`;
  return `${glyph} ${part.site}/${part.name}  ${word}${where}  ${part.kind} ${part.version}${mark(part)}${why}${shown}${servingLines(part)}`;
}

function servingLines({ serving }: Part): string {
  if (!serving) return '';
  const spread = serving.parallel ? [`    ${serving.parallel.why.join(' ')}`] : [];
  const rows = servingRows(serving).map(
    ({ name, estimate, measured }) => `    ${name}: estimated ${estimate}, measured ${measured}`,
  );
  return ['', ...rows, `    measured by: ${serving.measuredBy}`, ...spread].join('\n');
}

function mark(one: { simulated?: boolean | undefined }): string {
  return one.simulated ? '  [SIMULATED]' : '';
}
