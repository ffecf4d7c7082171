import { resolve } from 'node:path';
import { Option } from 'commander';
import type { GitlabPlan, GitlabResult, GitlabUndone, StepState } from '../../../shared/contract/gitlab.ts';
import { contract } from '../../../shared/contract/index.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { settingLabel, settingValue, settingWords } from '../../../shared/setting-label.ts';
import type { GitlabInstallation } from '../../../shared/site-file.ts';
import { gitlabInstallation } from '../../../shared/site-file.ts';
import { isStep } from '../../core/gitlab/plan-step.ts';
import type { Cli, Outcome } from '../cli.ts';
import { gitlabFlowCommand } from './gitlab-flow.ts';
import { gitlabRbCommand } from './gitlab-rb.ts';
import { gitlabTarget } from './gitlab-target.ts';

interface TokenOptions {
  tokenFile?: string;
}
interface PlanOptions {
  gitlab?: string;
  gatewayUrl?: string;
  installation?: GitlabInstallation;
  script?: boolean;
}
interface CheckOptions extends TokenOptions {
  step?: string;
}
interface UndoOptions extends TokenOptions {
  plan?: boolean;
}

/** Adds `sealift gitlab plan|apply|undo|check|rb|flow`. */
export function gitlabCommands(cli: Cli): void {
  const group = cli.program
    .command('gitlab')
    .description('plan, apply, check and undo GitLab settings for self-hosted models');
  group
    .command('plan')
    .description('print the settings that GitLab needs, in order, each with a check')
    .argument('[site.yaml]', 'site file to take the values from')
    .option('--gitlab <version>', 'GitLab version, such as 17.5 or 18.9.1 (default: the one in the site file)')
    .option('--gateway-url <url>', 'URL at which GitLab reaches the AI Gateway')
    .addOption(
      new Option('--installation <kind>', 'how GitLab is installed (default: as the site file says)').choices(
        gitlabInstallation.options,
      ),
    )
    .option('--script', "print the steps on GitLab's machine as a shell script, which takes them back with undo")
    .action(
      cli.action(
        { writes: false },
        async ({ client }, siteFile: string | undefined, { script, ...options }: PlanOptions) => {
          const data = await client.gitlab.plan({ ...options, ...(siteFile && { siteFile: resolve(siteFile) }) });
          return { data, human: script ? scriptText(data) : planText(data) };
        },
      ),
    );
  group
    .command('apply')
    .description('apply the settings that the site needs (GitLab 18.4 or later), and read them back')
    .argument('<site.yaml>')
    .option('--token-file <file>', 'file with an admin token (default: the variable SEALIFT_GITLAB_TOKEN)')
    .action(
      cli.action({ writes: true }, async ({ client, follow }, siteFile: string, options: TokenOptions) =>
        settingsOutcome(await follow(contract.gitlab.apply, client.gitlab.apply(gitlabTarget(siteFile, options)))),
      ),
    );
  group
    .command('undo')
    .description('put back what apply changed, unless somebody changed it since, and read it back')
    .argument('<site.yaml>')
    .option('--token-file <file>', 'file with an admin token (default: the variable SEALIFT_GITLAB_TOKEN)')
    .option('--plan', 'only print what would be put back')
    .action(
      cli.action({ writes: true }, async ({ client, follow }, siteFile: string, options: UndoOptions) => {
        const target = { ...gitlabTarget(siteFile, options), plan: options.plan ?? false };
        return undoOutcome(await follow(contract.gitlab.undo, client.gitlab.undo(target)));
      }),
    );
  group
    .command('check')
    .description('compare the settings in GitLab with the site, without changing them')
    .argument('<site.yaml>')
    .option('--token-file <file>', 'file with an admin token (default: the variable SEALIFT_GITLAB_TOKEN)')
    .option('--step <id>', "report only whether this step of the plan is done, by the step's id or number")
    .action(
      cli.action({ writes: true }, async ({ client, follow }, siteFile: string, options: CheckOptions) => {
        const target = { ...gitlabTarget(siteFile, options), step: options.step };
        const data = await follow(contract.gitlab.check, client.gitlab.check(target));
        const step = data.steps?.find((one) => isStep(one, options.step ?? ''));
        return step ? stepOutcome(data, step) : settingsOutcome(data);
      }),
    );
  gitlabRbCommand(group, cli);
  gitlabFlowCommand(group, cli);
}

const stateGlyphs = { set: '●', kept: '●', differs: '■' } as const;
const severityGlyphs = { red: '■', amber: '▲', green: '●' };

function valueText(setting: string, value: string | null, none = 'not set'): string {
  return value === null ? none : settingValue(setting, value);
}

function settingsOutcome(data: GitlabResult): Outcome {
  const mark = data.simulated ? 'SIMULATED ' : '';
  const red = data.applied.some((one) => one.state === 'differs');
  const lines = data.applied.map((one) => {
    const wanted = one.state === 'differs' ? `, expected ${valueText(one.setting, one.wanted)}` : '';
    const word = settingWords.states[one.state];
    return `${stateGlyphs[one.state]} ${mark}${settingLabel(one.setting)}: ${valueText(one.setting, one.after)}${wanted} (${word})`;
  });
  const notes = data.notes.map((one) => `${severityGlyphs[one.severity]} ${mark}${one.text}`);
  const head = `${mark}GitLab ${data.gitlabVersion} at ${data.gitlabUrl}, rules for ${data.era}`;
  return { data, human: [head, ...lines, ...notes].join('\n'), red };
}

const undoWords = {
  open: ['▲', 'would be put back'],
  'put-back': ['●', 'put back'],
  'as-before': ['●', 'as before'],
  left: ['■', 'left'],
  'by-hand': ['■', 'by hand'],
} as const;

function undoOutcome(data: GitlabUndone): Outcome {
  const mark = data.simulated ? 'SIMULATED ' : '';
  const head = `${mark}GitLab ${data.gitlabVersion} at ${data.gitlabUrl}`;
  const lines = data.rows.flatMap(({ setting, before, now, state, why, byHand }) => {
    const [glyph, word] = undoWords[state];
    const isAsWanted = state === 'as-before' || state === 'put-back';
    const values = isAsWanted ? '' : `, now ${valueText(setting, now, 'not set or unknown')}`;
    const line = `${glyph} ${mark}${settingLabel(setting)}: before apply ${valueText(setting, before)}${values} (${word}${why ? `: ${why}` : ''})`;
    return byHand ? [line, `  ${mark}By hand: ${byHand}`] : [line];
  });
  if (lines.length === 0) lines.push(`● ${mark}Nothing that apply changed is left to put back.`);
  const isOpen = data.rows.some(({ state }) => state === 'left' || state === 'by-hand');
  return { data, human: [head, ...lines].join('\n'), red: isOpen && !data.planned };
}

const stepStates = { done: '● done', open: '■ not done', 'not-known': '▲ unknown: GitLab has no such setting' };

function stepOutcome({ simulated }: GitlabResult, data: StepState): Outcome {
  const mark = simulated ? 'SIMULATED ' : '';
  const lines = data.differing.map(
    ({ setting, now, wanted }) =>
      `  ${settingLabel(setting)}: ${valueText(setting, now)}, expected ${settingValue(setting, wanted)}`,
  );
  const human = [`${stepStates[data.state]}  ${mark}${data.title}`, ...lines].join('\n');
  return { data: { ...data, simulated }, human, red: data.state !== 'done' };
}

const byWords = { graphql: 'done by sealift gitlab apply', shell: 'in a shell', ui: 'in the Admin area' };

function scriptText({ script, steps }: GitlabPlan): string {
  if (script !== undefined) return script.trimEnd();
  const isKnown = !steps.some(({ how }) => how.some((line) => /<\w+>/.test(line)));
  const problem = isKnown ? 'this GitLab version has no step for a shell' : 'name a site file, or --gateway-url';
  throw appError('usage.invalid', { problem, command: 'gitlab plan' });
}

function planText(plan: GitlabPlan): string {
  const mark = plan.simulated ? 'SIMULATED ' : '';
  const lines = [
    `${mark}GitLab ${plan.gitlabVersion}: ${plan.era.title} (rules for ${plan.era.id}; installed as ${plan.installation.title})`,
  ];
  lines.push(...plan.notes.map((note) => `${severityGlyphs[note.severity]} ${mark}${note.text}`), '');
  lines.push(plan.fork.question);
  for (const answer of plan.fork.answers)
    lines.push(
      `  ${answer.title}${answer.airGapped ? '' : ' [LEAVES YOUR NETWORK, refused for an air-gapped site]'}: ${answer.consequence}`,
    );
  for (const step of plan.steps) {
    const by = step.appliesBy === 'graphql' && !plan.era.canApply ? byWords.ui : byWords[step.appliesBy];
    lines.push('', `${step.number}. ${mark}${step.title}  [${by}]  (${step.id})`, `   Where: ${step.where}`);
    if (step.why) lines.push(`   Why: ${step.why}`);
    lines.push(...step.how.map((line) => `     ${line}`), '   Check:', ...step.check.map((line) => `     ${line}`));
    lines.push(`   Expected: ${step.expected}`);
    if (step.undo) lines.push('   Undo:', ...step.undo.map((line) => `     ${line}`));
    if (step.checkedBy && step.checkedBy.kind !== 'hop')
      lines.push(`   Sealift checks it: sealift gitlab check SITE.yaml --step ${step.id}`);
  }
  lines.push(...loggingLines(plan.logging));
  lines.push('', 'Environment of the gateway container:');
  for (const one of plan.gatewayVariables) {
    const value = one.secret ? `(content of ${one.secret})` : (one.value ?? '');
    lines.push(`  ${one.name}=${value}  [${one.need}]${one.note ? `  ${one.note}` : ''}`);
  }
  return lines.join('\n');
}

const kindWords = {
  'linux-package': 'Linux package',
  docker: 'Docker',
  helm: 'Helm',
  source: 'source',
  sealift: 'Sealift',
  kubernetes: 'Kubernetes',
  other: 'otherwise',
};

function loggingLines({ switch: known, logs }: GitlabPlan['logging']): string[] {
  const switchLines = known
    ? [
        `  ${known.title}: ${known.where}`,
        ...known.on.map((line) => `     On:    ${line}`),
        ...known.off.map((line) => `     Off:   ${line}`),
        ...known.check.map((line) => `     Check: ${line}`),
        `     ${known.writes}`,
      ]
    : ['  The documentation of this version names no switch for logs of requests and answers.'];
  const logLines = logs.flatMap((log) => [
    `  ${log.title}: ${log.contents}`,
    ...log.places.map(({ kind, place }) => `     ${kindWords[kind]}: ${place}`),
  ]);
  return ['', 'Logs (join those of one request: sealift trace ID):', ...switchLines, ...logLines];
}
