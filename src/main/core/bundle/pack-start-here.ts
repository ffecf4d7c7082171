import { bytesText } from '../../../shared/bytes-text.ts';
import type { BundleContent } from './format.ts';

/** The page for whoever finds the medium, at its root. */
export const startHereName = 'START-HERE.html';
/** In every such page: tells ours from another file of that name. */
export const generatorMark = '<meta name="generator" content="Sealift">';

/** What the page says. */
export interface StartHere {
  bundle: { id: string; name: string };
  created: string;
  label: string;
  ordinal: number;
  /** Labels of all media, in order. */
  labels: string[];
  contents: Pick<BundleContent, 'kind' | 'name' | 'totalBytes'>[];
  fingerprint: string;
  requirements: { gitlab?: string | undefined; note?: string | undefined };
}

/** The page: one HTML file without script, style sheet or link to the outside. */
export function startHerePage(facts: StartHere): string {
  const { bundle, label, ordinal, labels } = facts;
  const next = labels[ordinal];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${generatorMark}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(label)}: Sealift bundle ${escaped(bundle.name)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
code { font-family: ui-monospace, monospace; background: #eee; padding: 0 .2rem; overflow-wrap: anywhere; }
td, th { text-align: left; padding: .2rem 1rem .2rem 0; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #1a1a1a; } code { background: #333; } }
</style>
</head>
<body>
<h1>${escaped(label)}</h1>
<p>This is medium <strong>${ordinal} of ${labels.length}</strong> of the Sealift bundle <strong>${escaped(bundle.name)}</strong>,
packed ${escaped(facts.created)}. It brings software and language models to a machine without internet.</p>
${facts.requirements.gitlab ? `<p>Made for GitLab ${escaped(facts.requirements.gitlab)}.</p>` : ''}
${facts.requirements.note ? `<p>${escaped(facts.requirements.note)}</p>` : ''}
<h2>What to do with it</h2>
<p>${
    next
      ? `After this medium, insert <strong>${escaped(next)}</strong>. Media can be read in any order.`
      : labels.length > 1
        ? 'This is the last medium. Media can be read in any order.'
        : 'This is the only medium.'
  }</p>
<ol>
<li>Check it on the machine that shall use it; FOLDER is where this medium appears there:<br><code>sealift bundle verify FOLDER</code></li>
<li>Compare the fingerprint that Sealift shows with the one that you got from the packer <strong>by another way</strong>
(telephone, paper). A fingerprint that is written on this medium, as the one below, proves nothing by itself.</li>
<li>Import it:<br><code>sealift import FOLDER</code></li>
</ol>
<p>Signed with the key <code>${escaped(facts.fingerprint)}</code></p>
<p>Sealift never writes to this medium while it reads it. Do not rename or change files in the folder <code>sealift</code>:
every change is found and refused.</p>
<h2>What the bundle brings</h2>
<table>
<tr><th>Kind</th><th>Name</th><th>Size</th></tr>
${facts.contents.map((one) => `<tr><td>${one.kind}</td><td>${escaped(one.name)}</td><td>${bytesText(one.totalBytes)}</td></tr>`).join('\n')}
</table>
<p>All media: ${labels.map(escaped).join(', ')}. Bundle <code>${bundle.id}</code>.</p>
<h2>You found this medium?</h2>
<p>It belongs to somebody who carries software between networks. Please give it to the person or office that looks after the computers where you found it.
It holds no personal data that Sealift put there.</p>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
