import type { Remedy } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { countFindings, countsText } from '../../../shared/finding-counts.ts';
import { gitlabRows } from '../../../shared/gitlab-rows.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import { verdictLine } from '../../../shared/verdict-line.ts';
import { type Html, html, page, timeTag } from '../pages/html.ts';
import { machineRows } from './machine-rows.ts';

const marks = { red: '■ blocked', amber: '▲ attention', green: '● done' } as const;

/** Who signs a page, as fingerprint and words; or why no one does. */
export type PageSigner = { fingerprint: string; words: string } | { why: string };

/** Returns the readiness of a machine as one page: verdict, open findings with remedies, passed checks, facts, signer. */
export function readinessPage(readiness: Readiness, signer: PageSigner, paper?: 'A4'): string {
  const { machine, findings, createdAt, toolVersion } = readiness;
  const body = html`
<p class="lead">${verdictLine(machine)}</p>
<p class="soft">${countsText(countFindings(findings))}</p>
${readinessSections(readiness)}
<h2>Signature</h2>
${signerBlock(signer)}
`;
  return page({
    title: `Readiness report: ${machine.os.hostname}`,
    body,
    ...(paper && { paper }),
    footer: html`Created by Sealift ${toolVersion} at ${timeTag(createdAt)}. Sizes are in GiB (2^30 bytes).`,
  });
}

/** Returns the page's body, also used by other reports: open findings, passed checks and facts. */
export function readinessSections({ machine, findings, gitlab }: Readiness): Html {
  const open = findings.filter((one) => one.severity !== 'green');
  const passed = findings.filter((one) => one.severity === 'green');
  return html`
<h2>Findings</h2>
${open.length > 0 ? open.map(findingBlock) : html`<p>None: all checks passed.</p>`}
<h2>${passed.length} checks passed</h2>
<ul class="passed">${passed.map((one) => html`<li><span class="mark green">●</span> ${one.title}</li>`)}</ul>
<h2>Machine</h2>
${factTable(machineRows(machine))}
${
  gitlab &&
  html`<h2>GitLab</h2>
${factTable(gitlabRows(gitlab))}`
}
`;
}

function signerBlock(signer: PageSigner): Html {
  if ('why' in signer) return html`<p>Not signed: ${signer.why}</p>`;
  return html`<p>This data folder's key: <strong>${signer.words}</strong></p>
<p class="soft"><code>${signer.fingerprint}</code></p>
<p>The signature is a file beside this one that ends in .dsse.json. Verify with: <code>sealift report verify FILE</code></p>`;
}

function findingBlock(one: Finding): Html {
  return html`<section class="finding ${one.severity}">
<h3><span class="mark">${marks[one.severity]}</span>${one.title}</h3>
${one.consequence && html`<p>${one.consequence}</p>`}
<ul>${remedyItems(one.remedies)}</ul>
${one.howWeKnow && html`<p class="how">Evidence: ${one.howWeKnow}</p>`}
</section>
`;
}

/** Returns remedies as list items. */
export function remedyItems(remedies: Remedy[]): Html[] {
  return remedies.flatMap((remedy) =>
    remedy.kind === 'call'
      ? [html`<li>${remedy.label}: <code>${remedy.command}</code></li>`]
      : remedy.steps.map((step) => html`<li>${step}</li>`),
  );
}

function factTable(rows: [string, string][]): Html {
  return html`<table><tbody>
${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>\n`)}</tbody></table>`;
}
