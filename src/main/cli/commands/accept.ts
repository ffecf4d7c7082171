import { resolve } from 'node:path';
import { boundedText } from '../../../shared/bounded-text.ts';
import {
  type AcceptanceResult,
  answeredFor,
  type Change,
  type FeatureResult,
  type TaskResult,
} from '../../../shared/contract/acceptance.ts';
import { contract } from '../../../shared/contract/index.ts';
import { catalogueFeature, featureLabels } from '../../../shared/feature-labels.ts';
import { plainLine } from '../../../shared/plain-text.ts';
import { timeText } from '../../../shared/time-text.ts';
import type { Cli } from '../cli.ts';
import { findingLines } from '../finding-lines.ts';

/** Adds `sealift accept`. */
export function acceptCommand(cli: Cli): void {
  cli.program
    .command('accept')
    .description("test a site's models with tasks like GitLab Duo's requests, and compare with the previous run")
    .argument('<site.yaml>')
    .action(
      cli.action({ writes: true }, async ({ client, follow }, siteFile: string) => {
        const data = await follow(contract.acceptance.run, client.acceptance.run({ siteFile: resolve(siteFile) }));
        const isIncomplete = data.features.some((one) => one.unanswered);
        const red = isIncomplete || data.findings.some((one) => one.severity === 'red');
        return { data, human: acceptanceText(data), red };
      }),
    );
}

function acceptanceText(data: AcceptanceResult): string {
  const simulated = data.simulated === undefined ? '' : 'SIMULATED ';
  const features = data.features.flatMap((one) => [
    featureLine(one, simulated) + byText(data, one),
    ...data.tasks.filter((task) => task.feature === one.feature && !task.passed).flatMap(failedLines),
  ]);
  return [...findingLines(data.findings), ...features, ...comparisonLines(data)].join('\n');
}

/** Of several models, which one answered. */
function byText(data: AcceptanceResult, { feature }: FeatureResult): string {
  return data.models ? `, by ${answeredFor(data, feature).servedName}` : '';
}

function featureLine({ feature, passed, tasks, passPercent, ...speeds }: FeatureResult, simulated: string): string {
  const { reached, unanswered, firstTokenMs, tokensPerSecond } = speeds;
  const glyph = !reached ? '■' : simulated ? '▲' : '●';
  const first = firstTokenMs === undefined ? 'first token not measured' : `first token after ${firstTokenMs} ms`;
  const speed = tokensPerSecond === undefined ? 'speed not measured' : `${tokensPerSecond.toFixed(1)} tokens/s`;
  const label = featureLabels[catalogueFeature[feature]];
  if (unanswered) return `▲ ${simulated}${label}: not measured, ${unanswered} of ${tasks} tasks got no answer`;
  return `${glyph} ${simulated}${label}: ${passed} of ${tasks} tasks passed (asked for: ${passPercent} %), ${first}, ${speed}`;
}

function failedLines({ title, error, checks, answer, correlationId }: TaskResult): string[] {
  const failed = checks.filter((one) => !one.ok).map((one) => one.title);
  const why = error ?? `it is not so that the answer ${failed.join('; ')}`;
  const said = answer === '' ? [] : [`        ${boundedText(plainLine(answer), 120)}`];
  return [`    ${error === undefined ? '■' : '▲'} ${title}: ${plainLine(why)}  (${correlationId})`, ...said];
}

function comparisonLines({ comparison }: AcceptanceResult): string[] {
  if (!comparison) return ['○ There was no run before to compare with.'];
  const { beforeAt, changed, worse, better } = comparison;
  const lines = (name: string, changes: Change[]) =>
    changes.map((one) => `    ${name}: ${plainLine(`${one.what}: ${one.before} → ${one.after}`)}`);
  const all = [...lines('changed', changed), ...lines('worse', worse), ...lines('better', better)];
  return [`○ Compared with the run of ${timeText(beforeAt)}:${all.length === 0 ? ' no difference' : ''}`, ...all];
}
