import { type Html, html } from '../pages/html.ts';
import type { ReportData } from './report-data.ts';

/** Shows whether the front stabilises tags, and how much of their prompts the engines had to compute. */
export function promptsComputed({ stableTags, engines }: NonNullable<ReportData['prompts']>): Html {
  const rows = engines.map(({ part, tokens, computedTokens }) => {
    const reused = `${Math.max(0, Math.round(100 * (1 - computedTokens / tokens)))} %`;
    return html`<tr><td>${part}</td><td class="amount">${tokens.toLocaleString('en')}</td><td class="amount">${computedTokens.toLocaleString('en')}</td><td class="amount">${reused}</td></tr>`;
  });
  const tags = stableTags
    ? html`<p>Stable tags are on: the front keeps one tag for the AI Gateway's policy for 15 minutes at a time, so that a model server can reuse its computation.</p>`
    : html`<p>Stable tags are off: each request has a tag of its own, so that no model server can reuse the AI Gateway's policy.</p>`;
  return html`<h3>Prompt tokens</h3>${tags}${
    rows.length > 0
      ? html`<table><thead><tr><th>Part</th><th>Received since its start</th><th>Computed</th><th>Reused</th></tr></thead><tbody>${rows}</tbody></table>`
      : html`<p>No model server here reports how many prompt tokens it computed.</p>`
  }`;
}
