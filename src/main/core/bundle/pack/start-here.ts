import { type ScanResult, scanText } from '../../../../shared/bundle-evidence.ts';
import { bytesText } from '../../../../shared/bytes-text.ts';
import { type Html, html } from '../../pages/html.ts';
import { fingerprintWords } from '../../signing/fingerprint-words.ts';
import { type BundleContent, sbomFile } from '../format/format.ts';
import { installedOn, installerSteps } from './installer-steps.ts';

/** The page at the root of a medium, for anyone who finds it. */
export const startHereName = 'START-HERE.html';
/** Contained in every such page, to recognise it. */
export const generatorMark = html`<meta name="generator" content="Sealift">`;

const longestWord = Math.max(...fingerprintWords.map((word) => word.length));

/** The facts on the page. */
export interface StartHere {
  bundle: { id: string; name: string };
  created: string;
  label: string;
  ordinal: number;
  /** Labels of all media, in order. */
  labels: string[];
  contents: Pick<BundleContent, 'kind' | 'name' | 'totalBytes' | 'licence' | 'source' | 'origins' | 'attached'>[];
  /** Who packed it, as they call themselves. */
  packedBy?: string;
  /** What the site must have, in words; absent when the media carry everything. */
  base?: string;
  fingerprint: string;
  /** The fingerprint as 16 words. */
  words: string;
  /** The line for `ssh-keygen -Y verify` that accepts the packer's key. */
  allowedSigner: string;
  /** The file names of Sealift's packages, where they are on this medium. */
  packages?: string[];
  /** What the machine that it is for lacks, and the bundle does not bring. */
  lacks: string[];
  /** The scanner that ran over the medium. */
  scan?: ScanResult;
  requirements: { gitlab?: string | undefined; note?: string | undefined };
}

/** The page: one HTML file without script, style sheet or link to the outside. */
export function startHerePage(facts: StartHere): string {
  const { bundle, label, ordinal, labels } = facts;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${generatorMark}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${label}: Sealift bundle ${bundle.name}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
code, pre { font-family: ui-monospace, monospace; background: #eee; padding: 0 .2rem; overflow-wrap: anywhere; }
td, th { text-align: left; padding: .2rem 1rem .2rem 0; }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #1a1a1a; } code { background: #333; } }
</style>
</head>
<body>
<h1>${label}</h1>
<p>This is medium <strong>${ordinal} of ${labels.length}</strong> of the Sealift bundle <strong>${bundle.name}</strong>,
packed ${packedText(facts)}. It brings software and language models to a machine without internet.</p>
${facts.base !== undefined && html`<p>${baseText(facts)}</p>`}
${facts.requirements.gitlab && html`<p>Made for GitLab ${facts.requirements.gitlab}.</p>`}
${facts.requirements.note && html`<p>${facts.requirements.note}</p>`}
${facts.packages && installSection(facts.allowedSigner, facts.packages)}
<h2>What to do with it</h2>
<p>${orderText(facts)}</p>
<ol>
<li>Ask the packer for the 16 words of their key <strong>by another way</strong> (telephone, paper), and type what they say on the machine that will use it,
unless it trusts the key already. Never type the words that are written on this medium: they prove nothing by themselves.<br><code>${trustCommand}</code></li>
<li>Check the medium; FOLDER is where it appears:<br><code>sealift bundle verify FOLDER</code></li>
<li>Import it:<br><code>sealift import FOLDER</code></li>
</ol>
${lacksSection(facts.lacks)}<p>Signed with the key <code>${facts.fingerprint}</code>, in words:</p>
<pre>${wordRows(facts.words).join('\n')}</pre>
<p>Sealift never writes to this medium while it reads it. Do not rename or change files in the folder <code>sealift</code>:
every change is found and refused.</p>
<h2>Check it without Sealift</h2>
<p>These lines check every file that the packer wrote to this medium, with the tools of the system, but not what was added later. The third prints the
fingerprint of the packer's key: compare it with the one that you got <strong>by another way</strong>.</p>
<pre>${checkCommands(facts.allowedSigner).join('\n')}</pre>
<h2>What the bundle brings</h2>
<table>
<tr><th>Kind</th><th>Name</th><th>Size</th><th>Licence</th></tr>
${facts.contents.map(
  (
    one,
  ) => html`<tr><td>${one.kind}</td><td>${one.name}</td><td>${bytesText(one.totalBytes)}</td><td>${licenceText(one)}</td></tr>
`,
)}
</table>
<p><code>${sbomFile}</code> lists it for tools, with all files, in SPDX 2.3.</p>
<h2>Where it comes from</h2>
<ul>
${facts.contents
  .flatMap((one) => originLines(one))
  .map(
    (line) => html`<li><code>${line}</code></li>
`,
  )}</ul>
${scanSection(facts.scan)}<p>All media: ${labels.join(', ')}. Bundle <code>${bundle.id}</code>.</p>
<h2>You found this medium?</h2>
<p>It belongs to somebody who carries software between networks. Please give it to the person or office that looks after the computers where you found it.
It holds no personal data that Sealift put there.</p>
</body>
</html>
`.text;
}

/** Trusts the packer's key, without which nothing is imported: the words are theirs, not those of the page. */
export const trustCommand = 'sealift key trust WORD WORD …';

function lacksSection(lacks: string[]): Html | undefined {
  if (lacks.length === 0) return undefined;
  return html`<h2>What the machine still needs</h2>
<ul>
${lacks.map(
  (line) => html`<li>${line}</li>
`,
)}</ul>
`;
}

function scanSection(scan: ScanResult | undefined): Html | undefined {
  if (scan === undefined) return undefined;
  return html`<h2>Scanned before it was signed</h2>
<p>${scanText(scan)} It printed last:</p>
<pre>${scan.output.join('\n')}</pre>
`;
}

/** The licence of a content, or that none is known. */
export function licenceText({ licence }: Pick<BundleContent, 'licence'>): string {
  return licence ?? 'no licence stated';
}

/** Says that the media do not carry everything, if so. */
export function baseText({ base }: Pick<StartHere, 'base'>): string {
  return base === undefined ? '' : `It carries only what ${base} lacks.`;
}

/** When it was packed, and by whom if they said. */
export function packedText({ created, packedBy }: Pick<StartHere, 'created' | 'packedBy'>): string {
  return packedBy === undefined ? created : `${created} by ${packedBy}`;
}

/** Where a content comes from: each address with the digest of what it stood for, or the source in words. Then what is attached to it. */
export function originLines({ name, source, origins, attached = [] }: StartHere['contents'][number]): string[] {
  const also = attached.map(({ what, digest }) => `${name}: with its ${what} (${digest})`);
  if (!origins) return [`${name}: ${source}`, ...also];
  return [...origins.map(({ url, digest }) => `${name}: ${url} (${digest})`), ...also];
}

/** The commands that check all files of a medium, and who signed their list. FOLDER is where the medium appears. */
export function checkCommands(allowedSigner: string): string[] {
  return verifyCommands(allowedSigner, 'FOLDER', 'sealift/SHA256SUMS');
}

function verifyCommands(allowedSigner: string, folder: string, sums: string): string[] {
  return [
    `cd ${folder}`,
    `echo '${allowedSigner}' > ~/sealift-packer`,
    'cut -d " " -f 3- ~/sealift-packer | ssh-keygen -l -f -',
    `ssh-keygen -Y verify -f ~/sealift-packer -I sealift-packer -n sealift -s ${sums}.sig < ${sums}`,
    `sha256sum -c ${sums}`,
  ];
}

/** Which medium comes next. */
export function orderText({ labels, ordinal }: Pick<StartHere, 'labels' | 'ordinal'>): string {
  const next = labels[ordinal];
  if (next) return `After this medium, insert ${next}. Media can be read in any order.`;
  return labels.length > 1 ? 'This is the last medium. Media can be read in any order.' : 'This is the only medium.';
}

/** The words of a fingerprint, four a row, in columns: as many characters for every key. */
export function wordRows(words: string): string[] {
  const cells = words.split(' ').map((word) => word.padEnd(longestWord + 1));
  return [0, 4, 8, 12].map((at) => cells.slice(at, at + 4).join(''));
}

/** What FOLDER stands for in all lines. */
export const folderText =
  'FOLDER is where this medium appears there. If it has spaces, put quotes around the whole path, file name included.';

/** The commands that verify Sealift's packages before any of them is run, then install. FOLDER is where the medium appears. */
export function installCommands(allowedSigner: string): { verify: string[]; install: string } {
  return {
    verify: verifyCommands(allowedSigner, 'FOLDER/sealift/app', 'SHA256SUMS'),
    install: 'sh FOLDER/sealift/app/install.sh',
  };
}

/** The sentence above the lines of each package that `install.sh` does not install. */
export const sameChecksum = 'The first two lines must show the same checksum (capital letters do not matter).';

function installSection(allowedSigner: string, packages: string[]): Html {
  const { verify, install } = installCommands(allowedSigner);
  const linux = installedOn(packages);
  const typed = html`<p>For Linux on ${linux}, in a browser and a terminal, for you (run by root: for all users), type this line:</p>
<pre>${install}</pre>
`;
  return html`<h2>Install Sealift</h2>
<p>Sealift itself is on this medium; it needs no network. Type the lines in a terminal on the machine that will use it. ${folderText}</p>
${linux !== '' && typed}<p>To check first who packed it, type these lines. The third prints the key's fingerprint: compare it with the one that you got from the packer
<strong>by another way</strong>, where <code>sealift key show</code> prints it. A host in FIPS mode may refuse this kind of key; then only the last line
works, which checks the files against their list but not who made it.</p>
<pre>${verify.join('\n')}</pre>${installerSteps(packages).map(
    ({ whom, lines }) => html`
<p>For ${whom}, type these lines. ${sameChecksum}</p>
<pre>${lines.join('\n')}</pre>`,
  )}`;
}
