import { resolve } from 'node:path';
import { bytesText } from '../../../shared/bytes-text.ts';
import { byHandText } from '../../../shared/contract/needs.ts';
import type { UpgradePlan } from '../../../shared/contract/upgrade-plan.ts';
import { featureLabels } from '../../../shared/feature-labels.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import type { Cli } from '../cli.ts';
import { columns } from '../columns.ts';

interface PlanFlags {
  from: string;
  to: string;
  gitlab?: string;
  write?: string;
}

/** Adds `sealift upgrade plan`, next to what else the group `upgrade` has: register it after that. */
export function upgradePlanCommand({ program, action }: Cli): void {
  const known = program.commands.find((one) => one.name() === 'upgrade');
  const group = known ?? program.command('upgrade').description('plan the upgrade of a site to another GitLab version');
  group
    .command('plan')
    .description('say on the connected side what the upgrade of a site takes: models, images, settings, and the order')
    .requiredOption('--from <inventory.json>', 'the inventory of the site: sealift inventory')
    .requiredOption('--to <version>', 'the GitLab version to upgrade to, such as 19.2')
    .option('--gitlab <version>', "the site's GitLab version (default: what the inventory says)")
    .option('--write <file>', 'write the description of a bundle with what the site then needs to this new file')
    .action(
      action({ writes: false }, async ({ client }, flags: PlanFlags) => {
        const from = resolve(flags.from);
        const out = flags.write === undefined ? undefined : resolve(flags.write);
        // The group's own --gitlab takes the value, also where it stands behind "plan".
        const gitlab = flags.gitlab ?? group.opts<Partial<PlanFlags>>().gitlab;
        const data = await client.bundle.planUpgrade({
          from,
          to: flags.to,
          ...(gitlab !== undefined && { gitlab }),
          ...(out !== undefined && { out }),
        });
        const next =
          out === undefined
            ? ['Add --write FILE for a description of the bundle.']
            : [
                `Written to ${out}. Pack only what the site lacks:`,
                `  sealift bundle pack ${shellWord(out)} --base ${shellWord(from)} --to FOLDER`,
              ];
        return { data, human: [...planLines(data), '', ...next].join('\n') };
      }),
    );
}

/** Returns an upgrade plan as lines for a terminal. */
export function planLines(plan: UpgradePlan): string[] {
  const { from, to, eras } = plan;
  return [
    `From GitLab ${from.gitlab} (${from.basis}) to ${to}`,
    ...(eras.before === eras.after ? [] : [`  Before: ${eras.before}.`, `  After:  ${eras.after}.`]),
    ...orderLines(plan),
    ...modelLines(plan),
    ...imageLines(plan),
    ...settingLines(plan),
    ...plan.notes.map((note) => `▲ ${note}`),
  ];
}

function orderLines({ order, orderSource }: UpgradePlan): string[] {
  const rows = order.map(({ gitlab, gatewayTag, only }) => [
    `GitLab ${gitlab}`,
    gatewayTag,
    only === undefined ? '' : `only ${only}`,
  ]);
  const stops = order.length > 1 ? ', waiting at each stop until its background migrations are done' : '';
  return [
    '',
    `Order, each at its newest patch${stops}:`,
    ...columns(rows, '  '),
    `  (${orderSource})`,
    '  Import the bundle first. Then upgrade GitLab, and deploy the site with the gateway of that version.',
    ...(order.length > 1
      ? ['  The bundle brings the last gateway: GitLab Duo works again once the last step is done.']
      : []),
  ];
}

const changeWords: Record<UpgradePlan['models'][number]['change'], string> = {
  gone: '■ GitLab no longer lists it',
  lost: '■ loses support',
  gained: '● gains support',
  changed: '● still supported, in other words',
  same: '● unchanged',
  new: '● newly listed',
  unlisted: '▲ listed for neither version',
  unknown: "▲ Sealift doesn't know which of GitLab's models this is: compare with sealift models",
};

function modelLines({ models, newModels }: UpgradePlan): string[] {
  return [
    '',
    'Models of the site:',
    ...(models.length === 0 ? ['  none in the inventory'] : []),
    ...models.flatMap(({ name, listedAs, change, features }) => [
      `  ${name}${listedAs === undefined ? '' : ` (${listedAs})`}: ${changeWords[change]}`,
      ...features.map(
        ({ feature, before, after }) =>
          `    ${featureLabels[feature]}: ${before ?? 'not mentioned'} → ${after ?? 'not mentioned'}`,
      ),
    ]),
    ...(newModels.length === 0 ? [] : [`  Newly listed for self-hosting: ${newModels.join(', ')}`]),
  ];
}

function imageLines({ images, byHand, carry }: UpgradePlan): string[] {
  const unknown = carry.unknown.length > 0 ? `; not known until packed: ${carry.unknown.join(', ')}` : '';
  return [
    '',
    'Images that must be there:',
    ...images.map(({ title, reference, isHeld, bytes }) => {
      const size = bytes === null ? 'size not known until packed' : `about ${bytesText(bytes)}`;
      return `  ${isHeld ? '● the site has it' : `○ to carry, ${size}`}: ${title}  ${reference}`;
    }),
    ...byHand.map((one) => `  ▲ ${byHandText(one)}`),
    `  To carry: at most ${bytesText(carry.knownBytes)} as documented, less what the site has of the layers${unknown}`,
  ];
}

function settingLines({ steps, variables }: UpgradePlan): string[] {
  const rows = [
    ...steps.added.flatMap(({ title, where, how }) => [
      `  + ${title} (${where})`,
      ...how.map((line) => `      ${line}`),
    ]),
    ...steps.removed.map(({ title }) => `  - no longer: ${title}`),
    ...(variables.added.length > 0 ? [`  + gateway variables: ${variables.added.join(', ')}`] : []),
    ...(variables.removed.length > 0 ? [`  - gateway variables: ${variables.removed.join(', ')}`] : []),
    ...(variables.changed.length > 0
      ? [`  ~ gateway variables with another value: ${variables.changed.join(', ')}`]
      : []),
  ];
  return [
    '',
    'Settings that change (sealift gitlab plan has all of them; deploy sets the variables):',
    ...(rows.length > 0 ? rows : ['  none']),
  ];
}
