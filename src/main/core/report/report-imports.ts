import { heldWords, scanText, unsignedDoubt } from '../../../shared/bundle-evidence.ts';
import { bytesText } from '../../../shared/bytes-text.ts';
import { countText } from '../../../shared/count-text.ts';
import { type Html, html, timeTag } from '../pages/html.ts';
import type { ReportData } from './report-data.ts';

/** Returns what each bundle brought: digests of media, signer and trust, and every file with its SHA-256. */
export function importsSection({ imports }: ReportData): Html {
  if (imports.length === 0) return html`<p>Nothing was imported.</p>`;
  return html`${imports.map(importBlock)}`;
}

function importBlock(one: ReportData['imports'][number]): Html {
  const media = one.media.map(
    (medium) =>
      html`<tr><td>${medium.ordinal}</td><td>${medium.label}</td><td class="amount">${bytesText(medium.sizeBytes)}</td><td><code>${medium.mediumSha256}</code></td></tr>`,
  );
  const files = [...one.models, ...one.files].flatMap((content) =>
    content.files.map(
      (file) =>
        html`<tr><td>${content.name}/${file.path}</td><td class="amount">${bytesText(file.sizeBytes)}</td><td><code>${file.sha256}</code></td></tr>`,
    ),
  );
  const images = one.images.map(
    (image) =>
      html`<tr><td>${image.reference}</td><td><code>${image.digest}</code></td><td><code>${image.imageId}</code></td></tr>`,
  );
  const leftOut = (one.leftOut ?? []).map(
    ({ kind, name, reason }) => html`<li>Not imported: ${kind} ${name} (${reason})</li>`,
  );
  const anyway = one.models.flatMap(({ name, packedAnyway }) =>
    packedAnyway
      ? [
          html`<li><span class="mark amber">▲ attention</span> Model ${name} was packed although no engine can load it as it is. Reason: ${packedAnyway.reason}. Found when packing: ${packedAnyway.problem}</li>`,
        ]
      : [],
  );
  return html`
<h3>Bundle ${one.bundle.name}</h3>
<p>${trustLine(one)}</p>${secondLine(one)}
<p class="soft">Bundle <code>${one.bundle.id}</code>, packed ${timeTag(one.bundle.created)}${one.bundle.packedBy !== undefined && html` by ${one.bundle.packedBy}`} with Sealift ${one.bundle.toolVersion}, list <code>${one.bundle.headSha256}</code></p>
${scanLine(one)}${baseLine(one)}${repairedLine(one)}
<p class="soft">Imported ${timeTag(one.endedAt)}: ${bytesText(one.bytesRead)} read, ${bytesText(one.bytesWritten)} written, ${bytesText(one.resumedBytes)} kept from earlier attempts.</p>
<table><thead><tr><th>No.</th><th>Medium</th><th>Size</th><th>SHA-256 of its media.json</th></tr></thead><tbody>${media}</tbody></table>
${files.length > 0 && html`<table><thead><tr><th>File</th><th>Size</th><th>SHA-256</th></tr></thead><tbody>${files}</tbody></table>`}
${images.length > 0 && html`<table><thead><tr><th>Image</th><th>Manifest</th><th>Local ID</th></tr></thead><tbody>${images}</tbody></table>`}
${leftOut.length + anyway.length > 0 && html`<ul>${anyway}${leftOut}</ul>`}
`;
}

function secondLine({ signature: { secondKeyId }, secondTrustLost }: ReportData['imports'][number]): Html | undefined {
  if (secondKeyId === undefined) return undefined;
  const mark = secondTrustLost ? lossMark(secondTrustLost) : html`<span class="mark green">● done</span>`;
  const key = secondTrustLost ? `key that was trusted at import but is ${secondTrustLost.why}` : 'trusted key';
  return html`
<p>${mark} Signed by a second person too, with a ${key}. <code>${secondKeyId}</code></p>`;
}

function baseLine({ base }: ReportData['imports'][number]): Html | undefined {
  if (!base) return undefined;
  return html`
<p class="soft">It carried only what ${heldWords(base)} lacked: ${countText(base.leftOutBlobs, 'layer or file', 'layers and files')} came from the store and the container engine.</p>`;
}

function repairedLine({ repairedMedia = [] }: ReportData['imports'][number]): Html | undefined {
  if (repairedMedia.length === 0) return undefined;
  return html`
<p><span class="mark amber">▲ attention</span> Damaged media, repaired by blocks that were brought again: ${repairedMedia.join(', ')}</p>`;
}

function scanLine({ bundle: { scan }, signature, trustLost }: ReportData['imports'][number]): Html {
  if (!scan) return html`<p class="soft">The packing side states no malware scan.</p>`;
  const lost = trustLost && `the key that signed this is ${trustLost.why}`;
  const doubt = signature.trust === 'overridden' ? unsignedDoubt : lost;
  return html`<p class="soft">${doubt !== undefined && html`<span class="mark amber">▲ attention</span> `}${scanText(scan, doubt)}</p>
${scan.output.length > 0 && html`<pre>${scan.output.join('\n')}</pre>`}`;
}

function lossMark({ severity }: NonNullable<ReportData['imports'][number]['trustLost']>): Html {
  return severity === 'red'
    ? html`<span class="mark red">■ attention</span>`
    : html`<span class="mark amber">▲ attention</span>`;
}

function trustLine(one: ReportData['imports'][number]): Html {
  if (one.signature.trust === 'overridden') {
    return html`<span class="mark amber">▲ attention</span> Not signed by a trusted key. Imported anyway, reason: ${one.signature.overrideReason ?? 'none given'}`;
  }
  if (one.trustLost) {
    return html`${lossMark(one.trustLost)} Signed by <strong>${one.signerWords}</strong>, a key that was trusted at import but is ${one.trustLost.why}. <code>${one.signature.keyId}</code>`;
  }
  return html`<span class="mark green">● done</span> Signed by <strong>${one.signerWords}</strong>, trusted as “${one.trustedAs}”. <code>${one.signature.keyId}</code>`;
}
