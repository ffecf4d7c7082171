import { bytesText } from '../../../shared/bytes-text.ts';
import { settingLabel, settingValue, settingWords } from '../../../shared/setting-label.ts';
import { readinessSections, remedyItems } from '../hardware/readiness-page.ts';
import { type Badge, badge, type Html, html, page, timeTag } from '../pages/html.ts';
import { type NetworkReach, namedHosts, networkReach } from '../sites/network-reach.ts';
import { acceptanceSection } from './report-acceptance.ts';
import type { ReportData } from './report-data.ts';
import { importsSection } from './report-imports.ts';
import { ageNote, findingBox, isOfAnother, simulatedBadge } from './report-marks.ts';
import { promptsComputed } from './report-prompts.ts';
import { servingRows } from './serving-rows.ts';

const reachBadges: Record<NetworkReach, Badge> = {
  inside: { text: 'PRIVATE ADDRESSES' },
  outside: { text: 'LEAVES YOUR NETWORK', colour: 'red' },
  'not-known': { text: 'NETWORK UNKNOWN', colour: 'amber' },
};
const reachWords = {
  inside:
    'Each is an address of this machine or of a private network. Whether that network has internet access was not measured.',
  outside: 'At least one is an internet address or belongs to a known provider: prompts leave the network.',
  'not-known':
    'An address or a name here does not show whether it is inside the network, so this report makes no claim about the network.',
};
const glyph = {
  true: html`<span class="mark green">● done</span>`,
  false: html`<span class="mark red">■ blocked</span>`,
};

/** Returns the evidence of a site as one page: verdict, stand-ins and overrides first, then each step with its evidence. */
export function reportPage(data: ReportData, paper?: 'A4'): string {
  const simulated = data.standIns.length > 0;
  const body = html`
<p class="lead">${verdict(data)}</p>
${standInsSection(data)}
${overridesSection(data)}
<h2>Probe</h2>${probeSection(data)}
<h2>Acceptance set</h2>${acceptanceSection(data)}
<h2>Imported contents</h2>${importsSection(data)}
<h2>Deployment</h2>${deploySection(data)}
<h2>GitLab settings</h2>${gitlabSection(data)}
${readinessSections(data.readiness)}
<h2>Addresses</h2>
<p>Sealift and the processes it started use these addresses: ${namedHosts(data.site).map((host) => html`<code>${host}</code> `)}${reachWords[networkReach(namedHosts(data.site))]}</p>
<h2>Signature</h2>
<p>This data folder's key: <strong>${data.key.words}</strong></p>
<p class="soft"><code>${data.key.fingerprint}</code></p>
<p>Verify with: <code>sealift report verify DIR</code></p>
`;
  return page({
    title: `Sealift report: ${data.site.name}`,
    body,
    badges: [reachBadges[networkReach(namedHosts(data.site))], ...(simulated ? [simulatedBadge] : [])],
    ...(paper && { paper }),
    footer: html`Created by Sealift ${data.toolVersion} at ${timeTag(data.createdAt)}. Sizes are in GiB (2^30 bytes).`,
  });
}

function verdict(data: ReportData): string {
  const isGreen = data.probe !== null && !data.probe.firstRed && !isOfAnother(data.probe, data);
  const proof = isGreen
    ? 'this verifies the path, not your GitLab'
    : 'this report does not show how your GitLab would respond';
  const real = data.standIns.length === 0 ? '' : ` ${data.standIns.join(' and ')} are SIMULATED: ${proof}.`;
  if (!data.probe) return `The site ${data.site.name} has not been probed yet.${real}`;
  if (isOfAnother(data.probe, data))
    return `NOT PROBED in its current state: ${data.site.name} was redeployed after its last probe. Probe it, then write the report again.${real}`;
  const red = data.probe.hops.find((hop) => hop.hop === data.probe?.firstRed);
  if (red) return `NOT WORKING: the probe of ${data.site.name} stops at "${red.title}".${real}`;
  return `Each of the ${data.probe.hops.filter((hop) => hop.ok).length} hops from the model to GitLab answered a real request.${real}`;
}

function standInsSection(data: ReportData): Html | false {
  if (data.standIns.length === 0) return false;
  return html`<h2>Simulated components</h2>
<section class="finding amber"><h3><span class="mark">▲ SIMULATED</span>${data.standIns.join(', ')}</h3>
<p>These components are simulated. Results that involve them are marked SIMULATED.</p></section>`;
}

function overridesSection(data: ReportData): Html | false {
  if (data.overrides.length === 0) return false;
  return html`<h2>Overrides</h2>${data.overrides.map(
    (one) =>
      html`<section class="finding amber"><h3><span class="mark">▲ attention</span>${one.what}</h3><p>Reason given: ${one.reason}</p></section>`,
  )}`;
}

function probeSection(data: ReportData): Html {
  const { probe } = data;
  if (!probe) return html`<p>Not done.</p>`;
  const rows = probe.hops.map((hop) => {
    const state = hop.skipped ? html`<span class="mark">○ not tried</span>` : glyph[`${hop.ok}`];
    return html`<tr><td class="short">${state}</td><td>${hop.title}${hop.simulated && html` ${badge(simulatedBadge)}`}</td>
<td class="amount">${hop.status ?? ''}</td><td class="amount">${hop.latencyMs === null ? '' : `${hop.latencyMs} ms`}</td>
<td class="short"><code>${hop.correlationId?.replace(/^sealift-/, '').slice(0, 8) ?? ''}</code></td><td>${hop.answer ?? hop.error ?? ''}</td></tr>`;
  });
  const causes = probe.causes.map(
    (cause) => html`<section class="finding red"><h3><span class="mark">■ ${cause.id}</span>${cause.title}</h3>
<ul>${remedyItems(cause.remedies)}</ul></section>`,
  );
  const doubts = (probe.findings ?? []).map(findingBox);
  return html`${ageNote(probe, data)}${doubts}<table><thead><tr><th class="short">State</th><th>Hop</th><th class="short">Status</th><th class="short">Time</th><th class="short">Request</th><th>Answer</th></tr></thead><tbody>${rows}</tbody></table>
${probe.notChecked.length > 0 && html`<ul>${probe.notChecked.map((one) => html`<li>Not checked: ${one.title}: ${one.reason}</li>`)}</ul>`}${causes}`;
}

function deploySection({ deploy, hangs = [], prompts }: ReportData): Html {
  if (!deploy) return html`<p>Not done.</p>`;
  const parts = deploy.parts.map(
    (part) =>
      html`<tr><td>${part.name}${part.simulated && html` ${badge(simulatedBadge)}`}</td><td>${part.kind}</td><td>${part.version}</td><td>${part.host}:${part.port}</td></tr>`,
  );
  const files = deploy.files.map((file) => html`<tr><td>${file.path}</td><td><code>${file.sha256}</code></td></tr>`);
  const secrets = deploy.secrets.map(
    (one) => html`<tr><td>${one.name}</td><td><code>${one.fingerprint}</code></td></tr>`,
  );
  return html`<p class="soft">At ${timeTag(deploy.deployedAt)}</p>${hangs.map(findingBox)}
<table><thead><tr><th>Part</th><th>Kind</th><th>Version</th><th>Listens at</th></tr></thead><tbody>${parts}</tbody></table>
${containersTable(deploy)}
${servedOf(deploy).map(servedModel)}
${prompts && promptsComputed(prompts)}
<h3>Files</h3><table><thead><tr><th>Path</th><th>SHA-256</th></tr></thead><tbody>${files}</tbody></table>
<h3>Keys created here (public parts only)</h3><table><thead><tr><th>Name</th><th>Fingerprint</th></tr></thead><tbody>${secrets}</tbody></table>`;
}

type Deploy = NonNullable<ReportData['deploy']>;
type Served = Pick<NonNullable<Deploy['models']>[number], 'stored' | 'serving'> & {
  servedName?: string;
  features?: string[];
};

function servedOf({ model, serving, models }: Deploy): Served[] {
  return models ?? [{ stored: model, ...(serving && { serving }) }];
}

function servedModel({ stored, serving, servedName, features = [] }: Served): Html {
  const name = stored?.name ?? 'of an existing server';
  const weights = stored && html`, ${bytesText(stored.sizeBytes)}, SHA-256 <code>${stored.sha256}</code>`;
  const purpose =
    servedName !== undefined && html`, served as <strong>${servedName}</strong> for ${features.join(', ')}`;
  const model = (stored || purpose) && html`<p>Model: <strong>${name}</strong>${weights}${purpose}</p>`;
  return html`${model}
${serving && servingTable(serving, servedName)}`;
}

function servingTable(serving: NonNullable<Served['serving']>, servedName?: string): Html {
  const rows = servingRows(serving).map(
    (row) =>
      html`<tr><td>${row.name}</td><td class="amount">${row.estimate}</td><td class="amount">${row.measured}</td></tr>`,
  );
  return html`<h3>Memory of the model server${servedName !== undefined && html` ${servedName}`}</h3>
<p class="soft">${serving.engine}, ${serving.contextTokens} tokens of context. Measured with ${serving.measuredBy}.</p>
${serving.parallel && html`<p>${serving.parallel.why.join(' ')}</p>`}
<table><thead><tr><th>Item</th><th class="short">Estimated</th><th class="short">Measured</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function containersTable({ engine, containers = [] }: NonNullable<ReportData['deploy']>): Html | false {
  if (containers.length === 0) return false;
  const rows = containers.map(
    (one) =>
      html`<tr><td>${one.name}${one.simulated && html` ${badge(simulatedBadge)}`}</td><td>${one.image}</td><td><code>${one.imageId}</code></td>
<td>${one.ports.map((port) => html`${port.hostIp}:${port.hostPort} `)}</td></tr>`,
  );
  return html`<h3>Containers</h3><p class="soft">Container engine ${engine?.version} at ${engine?.address}</p>
<table><thead><tr><th>Container</th><th>Image</th><th>Local ID</th><th>Listens at</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function gitlabSection(data: ReportData): Html {
  const { gitlab } = data;
  if (!gitlab) return html`<p>Not done.</p>`;
  const value = (setting: string, of: string | null) => (of === null ? 'not set' : settingValue(setting, of));
  const rows = gitlab.applied.map(
    (one) =>
      html`<tr><td>${settingLabel(one.setting)}</td><td>${value(one.setting, one.before)}</td><td>${value(one.setting, one.after)}</td><td>${settingWords.states[one.state]}</td></tr>`,
  );
  return html`<p class="soft">GitLab ${gitlab.gitlabVersion} at ${gitlab.gitlabUrl}${gitlab.simulated && html` ${badge(simulatedBadge)}`}, rules of ${gitlab.era}, read back:</p>${ageNote(gitlab, data)}
<table><thead><tr><th>Setting</th><th>Before</th><th>After</th><th>State</th></tr></thead><tbody>${rows}</tbody></table>`;
}
