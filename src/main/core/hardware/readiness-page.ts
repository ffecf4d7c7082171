import type { Remedy } from '../../../shared/errors/define.ts';
import type { Finding } from '../../../shared/finding.ts';
import { gitlabRows } from '../../../shared/gitlab-rows.ts';
import { machineRows } from '../../../shared/machine-rows.ts';
import type { Readiness } from '../../../shared/readiness.ts';
import { verdictLine } from '../../../shared/verdict-line.ts';
import { type Html, html, page } from '../report/html.ts';

const marks = { red: '■ blocked', amber: '▲ look here', green: '● done' } as const;

/** Who signs a page, as fingerprint and words; or why nobody does. */
export type PageSigner = { fingerprint: string; words: string } | { why: string };

/** The readiness of a machine as one page for people: verdict, what to look at with remedies, what passed, the facts, who signed. */
export function readinessPage(readiness: Readiness, signer: PageSigner, paper?: 'A4'): string {
  const { machine, findings, createdAt, toolVersion } = readiness;
  const body = html`
<p class="lead">${verdictLine(machine)}</p>
<p class="soft">${countLine(findings)}</p>
${readinessSections(readiness)}
<h2>Who signed this</h2>
${signerBlock(signer)}
`;
  return page({
    title: `Readiness of ${machine.os.hostname}`,
    body,
    ...(paper && { paper }),
    footer: `Made by Sealift ${toolVersion} at ${createdAt}. Sizes are in GiB (2^30 bytes).`,
  });
}

/** What there is to look at on a machine, what passed, and its facts: the body of the page, for other reports too. */
export function readinessSections({ machine, findings, gitlab }: Readiness): Html {
  const open = findings.filter((one) => one.severity !== 'green');
  const passed = findings.filter((one) => one.severity === 'green');
  return html`
<h2>To look at</h2>
${open.length > 0 ? open.map(findingBlock) : html`<p>Nothing: all checks passed.</p>`}
<h2>${passed.length} checks passed</h2>
<ul class="passed">${passed.map((one) => html`<li><span class="mark green">●</span> ${one.title}</li>`)}</ul>
<h2>The machine</h2>
${factTable(machineRows(machine))}
${
  gitlab &&
  html`<h2>GitLab</h2>
${factTable(gitlabRows(gitlab))}`
}
`;
}

function signerBlock(signer: PageSigner): Html {
  if ('why' in signer) return html`<p>Nobody: ${signer.why}</p>`;
  return html`<p>The key of this data folder: <strong>${signer.words}</strong></p>
<p class="soft"><code>${signer.fingerprint}</code></p>
<p>The signature is a file beside this one that ends in .dsse.json. Prove it with: <code>sealift report verify FILE</code></p>`;
}

function countLine(findings: Finding[]): string {
  const count = (severity: Finding['severity']) => findings.filter((one) => one.severity === severity).length;
  return `■ ${count('red')} blocked · ▲ ${count('amber')} to look at · ● ${count('green')} passed`;
}

function findingBlock(one: Finding): Html {
  return html`<section class="finding ${one.severity}">
<h3><span class="mark">${marks[one.severity]}</span>${one.title}</h3>
${one.consequence && html`<p>${one.consequence}</p>`}
<ul>${remedyItems(one.remedies)}</ul>
${one.howWeKnow && html`<p class="how">How we know: ${one.howWeKnow}</p>`}
</section>
`;
}

/** Ways out as items of a list. */
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
