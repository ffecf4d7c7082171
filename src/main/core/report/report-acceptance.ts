import type { AcceptanceResult, FeatureResult } from '../../../shared/contract/acceptance.ts';
import { command } from '../../../shared/errors/define.ts';
import { catalogueFeature, featureLabels } from '../../../shared/feature-labels.ts';
import { badge, type Html, html, timeTag } from '../pages/html.ts';
import type { ReportData } from './report-data.ts';
import { ageNote, findingBox, isOfAnother, simulatedBadge } from './report-marks.ts';

/** What answered, and of several models for which features. */
type Served = AcceptanceResult['served'] & { features?: AcceptanceResult['features'][number]['feature'][] };

/** Returns what the model made of the acceptance set. What was not measured is amber, and nothing about a stand-in is green. */
export function acceptanceSection(data: ReportData): Html {
  const { acceptance } = data;
  if (!acceptance)
    return findingBox({
      id: 'acceptance.never-ran',
      severity: 'amber',
      title: 'The acceptance set never ran',
      consequence: 'How good and how fast the answers of this model are is unknown.',
      remedies: [command('Run it, then write the report again', 'sealift accept SITE.yaml')],
    });
  const rows = data.site.features.map((feature) => featureRow(feature, acceptance, data));
  return html`${ageNote(acceptance, data)}
${(acceptance.models ?? [acceptance.served]).map((served) => servedLine(served, acceptance))}
${acceptance.findings.map(findingBox)}
<table><thead><tr><th class="short">State</th><th>Feature</th><th class="short">Passed</th><th class="short">Asked for</th><th class="short">First token</th><th class="short">Speed</th></tr></thead><tbody>${rows}</tbody></table>
${comparisonPart(acceptance)}
<h3>Tasks</h3>${tasksTable(acceptance)}`;
}

function featureRow(feature: FeatureResult['feature'], acceptance: AcceptanceResult, data: ReportData): Html {
  const label = featureLabels[catalogueFeature[feature]];
  const one = acceptance.features.find((result) => result.feature === feature);
  if (!one)
    return html`<tr><td class="short"><span class="mark amber">▲ not measured</span></td><td>${label}</td><td></td><td></td><td></td><td></td></tr>`;
  const { passed, tasks, passPercent, firstTokenMs, tokensPerSecond } = one;
  const first = firstTokenMs === undefined ? 'not measured' : `${firstTokenMs} ms`;
  const speed = tokensPerSecond === undefined ? 'not measured' : `${tokensPerSecond.toFixed(1)} tokens/s`;
  return html`<tr><td class="short">${stateMark(one, acceptance, data)}</td><td>${label}</td><td class="amount">${passed} of ${tasks}</td>
<td class="amount">${passPercent} %</td><td class="amount">${first}</td><td class="amount">${speed}</td></tr>`;
}

function stateMark({ reached, unanswered }: FeatureResult, acceptance: AcceptanceResult, data: ReportData): Html {
  if (unanswered) return html`<span class="mark amber">▲ not measured</span>`;
  if (!reached) return html`<span class="mark red">■ too low</span>`;
  if (acceptance.simulated !== undefined) return html`<span class="mark amber">▲ SIMULATED</span>`;
  if (isOfAnother(acceptance, data)) return html`<span class="mark amber">▲ outdated</span>`;
  return html`<span class="mark green">● reached</span>`;
}

function servedLine(served: Served, { simulated }: AcceptanceResult): Html {
  return html`<p>Model: <strong>${served.servedName}</strong>${simulated && html` ${badge(simulatedBadge)}`} ${featuresText(served)}${servedText(served, simulated)}</p>`;
}

function featuresText({ features }: Served): string {
  return features ? `for ${features.map((one) => featureLabels[catalogueFeature[one]]).join(', ')}: ` : '';
}

function servedText(served: Served, simulated: string | undefined): Html {
  const { engine, engineVersion, file, sha256, endpoint, contextTokens } = served;
  const parts = [
    file,
    `${engine} ${engineVersion ?? '(version unknown)'}`,
    endpoint,
    `${contextTokens} tokens of context`,
  ];
  const digest = sha256 && html`, SHA-256 <code>${sha256}</code>`;
  return html`${parts.filter(Boolean).join(', ')}${digest}${simulated && html`<br>SIMULATED: ${simulated}`}`;
}

function comparisonPart({ comparison }: AcceptanceResult): Html {
  if (!comparison) return html`<p>There was no run before to compare with.</p>`;
  const { beforeAt, changed, worse, better } = comparison;
  const groups = [
    { name: 'Changed', changes: changed, none: 'nothing that Sealift knows of' },
    { name: 'Worse', changes: worse, none: 'nothing' },
    { name: 'Better', changes: better, none: 'nothing' },
  ];
  const items = groups.map(({ name, changes, none }) => {
    const said = changes.map((one) => `${one.what}: ${one.before} → ${one.after}`).join('; ');
    return html`<li>${name}: ${said || none}</li>`;
  });
  return html`<p>Compared with the run of ${timeTag(beforeAt)}:</p><ul>${items}</ul>`;
}

function tasksTable({ tasks, simulated }: AcceptanceResult): Html {
  const rows = tasks.map((one) => {
    const passed = simulated
      ? html`<span class="mark amber">▲ passed</span>`
      : html`<span class="mark green">● passed</span>`;
    const missed =
      one.error === undefined
        ? html`<span class="mark red">■ failed</span>`
        : html`<span class="mark amber">▲ no answer</span>`;
    const mark = one.passed ? passed : missed;
    const failed = one.checks.filter(({ ok }) => !ok).map(({ title }) => title);
    const why = one.error ?? (failed.length > 0 ? `It is not so that the answer ${failed.join('; ')}` : '');
    return html`<tr><td class="short">${mark}</td><td>${one.title}</td><td>${why}</td><td><code>${one.answer}</code></td></tr>`;
  });
  return html`<table><thead><tr><th class="short">State</th><th>Task</th><th>Why not</th><th>Answer</th></tr></thead><tbody>${rows}</tbody></table>`;
}
