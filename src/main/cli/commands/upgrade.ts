import { resolve } from 'node:path';
import { contract } from '../../../shared/contract/index.ts';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { plainText } from '../../../shared/plain-text.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import type { Cli, Session } from '../cli.ts';
import { columns } from '../columns.ts';
import { planLines } from '../deploy-lines.ts';
import { findingLines } from '../finding-lines.ts';
import { siteName } from '../site-name.ts';
import { tokenSource } from '../token-source.ts';
import { mediaInput } from './bundle-read.ts';
import { type ImportOptions, importOrAsk, importText } from './imports.ts';

interface UpgradeOptions extends Omit<ImportOptions, 'store'> {
  fromStore?: boolean;
  site?: string;
  file?: string;
  gitlab?: string;
  plan?: boolean;
  tokenFile?: string;
}

const token = [
  '--token-file <file>',
  'file with a GitLab admin token (default: the variable SEALIFT_GITLAB_TOKEN)',
] as const;

/** Adds `sealift upgrade` and `sealift rollback`. */
export function upgradeCommands(cli: Cli): void {
  const plan = cli.action({ writes: false }, planUpgrade);
  const run = cli.action({ writes: true }, runUpgrade);
  cli.program
    .command('upgrade')
    .description('import the media and upgrade a deployed site; returns to the earlier state if a hop then fails')
    .argument('[dir...]', 'the media')
    .option('--from-store', 'upgrade from what was already imported, or resume an upgrade')
    .option('--site <name>', 'name of the site')
    .option('--file <site.yaml>', 'the site file with the new state (default: the one that the site was deployed from)')
    .option(
      '--gitlab <version>',
      'the GitLab version to upgrade to, such as 19.2; the site file is changed accordingly',
    )
    .option('--plan', 'only show what would change')
    .option(...token)
    .option('--engine <address>', 'container engine for images, such as unix:///run/docker.sock, or none')
    .option('--override-untrusted <reason>', 'continue without a signature by a trusted key; the reason is recorded')
    .option('--allow-older', 'import a bundle that is older than one already imported; this is recorded')
    .action((dirs: string[], options: UpgradeOptions) => (options.plan ? plan : run)(dirs, options));
  cli.program
    .command('rollback')
    .description('return a site to its state before the last upgrade')
    .argument('[site.yaml]', 'the site file')
    .option('--site <name>', 'name of the site')
    .option(...token)
    .action(
      cli.action(
        { writes: true },
        async (session, file: string | undefined, options: { site?: string; tokenFile?: string }) => {
          const site = await siteName(session, file, options.site);
          const started = session.client.upgrade.rollback({ site, ...tokenSource(options) });
          return shown(await session.follow(contract.upgrade.rollback, started));
        },
      ),
    );
}

async function runUpgrade(session: Session, dirs: string[], options: UpgradeOptions) {
  refuseWithoutSource(dirs, options);
  const asked = await askedState(session, options);
  const imported = dirs.length > 0 ? await importOrAsk(session, importInput(dirs, options)) : undefined;
  if (imported && !imported.isComplete)
    return { data: { imported }, human: `${importText(imported)}\nThe site was not upgraded yet.`, red: true };
  // Whatever becomes of the upgrade, the import stays.
  if (imported) session.say(plainText(importText(imported)));
  const started = session.client.upgrade.run({ ...asked, ...tokenSource(options) });
  const upgraded = session.follow(contract.upgrade.run, started);
  const { data, human, red } = shown(imported ? await upgraded.catch(thrownWith(imported)) : await upgraded);
  return { data: { ...data, ...(imported && { imported }) }, human, red };
}

/** Adds what was imported to the details of an error. */
function thrownWith(imported: OutputOf<typeof contract.imports.run>) {
  return (thrown: unknown): never => {
    if (!(thrown instanceof AppError)) throw thrown;
    throw new AppError({ ...thrown.wire, details: { ...thrown.wire.details, imported } }, thrown.cause);
  };
}

/** What the media bring can be planned only as far as it was imported. */
async function planUpgrade(session: Session, dirs: string[], options: UpgradeOptions) {
  refuseWithoutSource(dirs, options);
  const asked = await askedState(session, options);
  const preview = dirs.length > 0 ? await session.client.imports.plan(importInput(dirs, options)) : undefined;
  if (preview && !preview.isComplete) {
    const rows = preview.contents.map(({ kind, name, leftOut = '' }) => [kind, name, leftOut]);
    const human = [
      'The media bring:',
      ...columns(rows, '  '),
      ...findingLines(preview.findings),
      `Import them: ${words('sealift', 'import', ...dirs, ...importFlags(options))}`,
      `Then see what changes in the site: ${words('sealift', 'upgrade', '--from-store', '--plan', ...stateFlags(options))}`,
    ].join('\n');
    return { data: { preview }, human, red: preview.findings.some((one) => one.severity === 'red') };
  }
  const data = await session.client.upgrade.plan(asked);
  return {
    data: { ...data, ...(preview && { preview }) },
    human: planText(data),
    red: data.findings.some((one) => one.severity === 'red'),
  };
}

function refuseWithoutSource(dirs: string[], { fromStore }: UpgradeOptions): void {
  if (dirs.length > 0 === (fromStore === true))
    throw appError('usage.invalid', {
      problem: dirs.length > 0 ? '--from-store needs no media' : 'name the media, or pass --from-store',
      command: 'upgrade',
    });
}

async function askedState(session: Session, { site, file, gitlab }: UpgradeOptions) {
  return {
    site: await siteName(session, file, site),
    ...(file !== undefined && { siteFile: resolve(file) }),
    ...(gitlab !== undefined && { gitlab }),
  };
}

const words = (...all: string[]) => all.map(shellWord).join(' ');

function stateFlags({ site, file, gitlab }: UpgradeOptions): string[] {
  return [...flag('--site', site), ...flag('--file', file), ...flag('--gitlab', gitlab)];
}

function importFlags({ engine, overrideUntrusted, allowOlder }: UpgradeOptions): string[] {
  const older = allowOlder ? ['--allow-older'] : [];
  return [...flag('--engine', engine), ...flag('--override-untrusted', overrideUntrusted), ...older];
}

function flag(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value];
}

function importInput(dirs: string[], options: UpgradeOptions) {
  return {
    ...mediaInput('upgrade', dirs, options),
    ...(options.engine !== undefined && { engine: options.engine }),
    ...(options.allowOlder && { allowOlder: true }),
  };
}

function planText(data: OutputOf<typeof contract.upgrade.plan>): string {
  const { site, from, to, fields, variables, steps } = data;
  const change = (before = 'none', after = 'none') => `${before} → ${after}`;
  const rows = [
    ...fields.map((one) => ['site file', one.field, change(one.before, one.after)]),
    ...variables.map((one) => ['gateway variable', one.name, change(one.before, one.after)]),
  ];
  const title = from === to ? `${site}, GitLab ${to}` : `${site}, GitLab ${from} to ${to}`;
  const nothing = rows.length + steps.length === 0 ? ['● Nothing would change.'] : [];
  return [title, ...columns(rows, '  '), ...nothing, planLines(data)].join('\n');
}

const stateLines = {
  upgraded: ['●', 'was upgraded'],
  unchanged: ['●', 'is already as wanted'],
  returned: ['■', 'was returned to its earlier state'],
  'rolled-back': ['●', 'was rolled back'],
} as const;

function shown(data: OutputOf<typeof contract.upgrade.run>) {
  const [mark, words] = stateLines[data.state];
  const tried = data.tried.map(({ title, whyNot }) =>
    whyNot === undefined
      ? `  ${title}: tried next to the running one`
      : `  ${title}: not tried next to the running one, because ${whyNot}`,
  );
  const next = `  Next, compare GitLab's settings with what this version needs: sealift gitlab plan SITE.yaml`;
  const human = [
    `${mark} ${data.site} ${words}: GitLab ${data.gitlab}.`,
    ...tried,
    ...(data.state === 'upgraded' ? [next] : []),
    ...findingLines(data.findings),
  ].join('\n');
  return { data, human, red: data.findings.some((one) => one.severity === 'red') };
}
