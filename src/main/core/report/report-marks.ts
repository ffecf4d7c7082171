import type { Finding } from '../../../shared/finding.ts';
import { isOfDeployment } from '../../../shared/of-deployment.ts';
import { remedyItems } from '../hardware/readiness-page.ts';
import { type Badge, type Html, html, timeTag } from '../pages/html.ts';
import type { ReportData } from './report-data.ts';

/** The mark of everything that a stand-in or a test model had a part in. */
export const simulatedBadge: Badge = { text: 'SIMULATED', colour: 'amber' };

/** True when a result is from an earlier deployment. */
export function isOfAnother(result: { deployedAt?: string | undefined }, { deploy }: ReportData): boolean {
  return deploy !== null && !isOfDeployment(result, deploy.deployedAt);
}

/** When a result was obtained, and whether the site was deployed again since. */
export function ageNote(result: { at: string; deployedAt?: string | undefined }, data: ReportData): Html {
  const old = html` <span class="mark amber">▲ outdated: the site was redeployed since</span>`;
  return html`<p class="soft">At ${timeTag(result.at)}${isOfAnother(result, data) && old}</p>`;
}

/** A finding with its consequence and remedies. */
export function findingBox({ severity, title, consequence, remedies }: Finding): Html {
  return html`<section class="finding ${severity}"><h3>${title}</h3>${consequence && html`<p>${consequence}</p>`}<ul>${remedyItems(remedies)}</ul></section>`;
}
