import { resolve } from 'node:path';
import { contract } from '../../../shared/contract/index.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { measuredText } from '../../../shared/measured-words.ts';
import type { InputOf, ItemOf, OutputOf } from '../../../shared/rpc/contract.ts';
import { servingRows } from '../../../shared/serving-rows.ts';
import type { Cli, Outcome, Session } from '../cli.ts';
import { findingLines } from '../finding-lines.ts';
import { readCount } from '../read-count.ts';

type Deployed = OutputOf<typeof contract.site.deploy>;
type Planned = OutputOf<typeof contract.site.plan>;
type Status = OutputOf<typeof contract.site.status>;
type Part = Status['parts'][number];
type LogLine = ItemOf<typeof contract.site.logs>;

const stateGlyphs = { exists: '●', 'will-be-made': '○', 'will-change': '◐', blocked: '■' } as const;
const partGlyphs = { running: '●', starting: '◐', restarting: '▲', failed: '■', stopped: '○' } as const;

/** Adds `deploy`, `status`, `stop`, `start`, `logs` and `uninstall`. */
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
  named('start', 'start the service of a site again').action(
    cli.action({ writes: true }, async (session, file: string | undefined, options: { site?: string }) => {
      const site = await siteName(session, file, options.site);
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
  const deploy = cli.action({ writes: true }, async ({ client, follow }: Session, file: string) => {
    const data = await follow(contract.site.deploy, client.site.deploy({ siteFile: resolve(file) }));
    return { data, human: deployedLines(data) };
  });
  cli.program
    .command('deploy')
    .description('make what the site file describes; safe to repeat')
    .argument('<site.yaml>', 'the site file')
    .option('--plan', 'only show what would be made')
    .action((file: string, options: { plan?: boolean }) => (options.plan ? plan(file) : deploy(file)));
}

function statusCommand(cli: Cli): void {
  cli.program
    .command('status')
    .description('how the parts of the sites are')
    .argument('[site.yaml]', 'the site file (default: all sites of the data folder)')
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
    .description('the logs of a site’s parts')
    .argument('[site.yaml]', 'the site file')
    .option('--site <name>', 'name of the site')
    .option('--part <name>', 'only this part')
    .option('--follow', 'go on until Ctrl-C')
    .option('--tail <lines>', 'last lines of each part', '100')
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
  try {
    for await (const line of client.site.logs({ ...query, follow: true })) emit(line, logText(line));
  } catch (error) {
    // Ctrl-C is how following ends.
    if (!stopped.aborted) throw error;
  }
  return 'emitted';
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
    .description('stop a site and remove exactly what Sealift made for it')
    .argument('[site.yaml]', 'the site file')
    .option('--site <name>', 'name of the site')
    .option('--keep-weights', 'leave the model in the store')
    .option('--keep-images', 'leave the images that an import brought in the container engine')
    .option('--leave-engines', 'go on without container engines that do not answer: what the site has there stays')
    .option('--yes', 'do not only list what would be removed')
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
  // An empty name, as an unset variable of a script gives it, must not mean the only site there is.
  const asked = { ...(file !== undefined && { siteFile: resolve(file) }), ...(site !== undefined && { site }) };
  return (await session.client.site.resolve(asked)).site;
}

function planLines(plan: Planned): string {
  const steps = plan.steps.map(
    (step) =>
      `${stateGlyphs[step.state]} ${step.state.replaceAll('-', ' ').padEnd(12)} ${step.title}${mark(step)}${step.why ? `: ${step.why}` : ''}\n  ${' '.repeat(12)} ${step.what}${containerLines(step.container)}`,
  );
  return [...steps, ...findingLines(plan.findings)].join('\n');
}

function containerLines(container: Planned['steps'][number]['container']): string {
  if (!container) return '';
  const { env, ports, mounts, extraHosts, command } = container;
  const lines = [
    ...ports.map((one) => `port    ${one.hostIp}:${one.hostPort} to ${one.containerPort}`),
    ...mounts.map((one) => `mount   ${one.source} at ${one.target}${one.readOnly ? ', read-only' : ''}`),
    ...extraHosts.map((one) => `host    ${one}`),
    ...Object.entries(env).map(([name, value]) => `env     ${name}=${value}`),
    ...(command ? [`command ${command.join(' ')}`] : []),
  ];
  return lines.map((line) => `\n  ${' '.repeat(14)} ${line}`).join('');
}

function deployedLines(data: Deployed): string {
  const count = (state: string) => data.steps.filter((step) => step.state === state).length;
  const parts = data.parts.map(
    (part) => `● ${part.name.padEnd(8)} ${part.host}:${part.port}  ${part.kind} ${part.version}${mark(part)}`,
  );
  const containers = (data.containers ?? []).map((one) => {
    const ports = one.ports.map((port) => `${port.hostIp}:${port.hostPort}`).join(', ');
    return `● ${one.part.padEnd(8)} ${ports || 'no published port'}  container ${one.name} of ${one.image}${mark(one)}`;
  });
  const counts = `${count('made')} made, ${count('changed')} changed, ${count('kept')} kept`;
  return [`● ${data.site}: ${counts}`, ...parts, ...containers].join('\n');
}

function statusLines(status: Status): string {
  if (status.sites.length === 0) return 'No site is deployed in this data folder.';
  const parts = status.parts.map(partLine);
  return [...parts, ...status.sites.map(rebootLine), ...findingLines(status.findings)].join('\n');
}

function rebootLine({ name, afterReboot }: Status['sites'][number]): string {
  if (afterReboot === 'starts') return `● ${name} comes back after a reboot`;
  if (afterReboot === 'at-login') return `▲ ${name} comes back after a reboot only when its user logs in`;
  return `○ ${name} does not come back after a reboot: sealift service install --site ${name}`;
}

function partLine(part: Part): string {
  const where = part.port === undefined ? '' : `  ${part.host}:${part.port}`;
  const figures = Object.entries(part.measured).map(measuredText);
  const shown = figures.length > 0 ? `\n    ${figures.join(' · ')}` : '';
  return `${partGlyphs[part.state]} ${part.site}/${part.name}  ${part.state}${where}  ${part.kind} ${part.version}${mark(part)}${shown}${servingLines(part)}`;
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
