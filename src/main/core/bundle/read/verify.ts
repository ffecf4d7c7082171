import { join } from 'node:path';
import { withinBudget } from '../../../../shared/bounded-text.ts';
import type { Damage, verify } from '../../../../shared/contract/bundle-read.ts';
import { countText } from '../../../../shared/count-text.ts';
import { hexOf } from '../../../../shared/digest.ts';
import { boundedFindings, type Finding } from '../../../../shared/finding.ts';
import type { OutputOf } from '../../../../shared/rpc/contract.ts';
import { runThread } from '../../processes/thread.ts';
import type { Work } from '../../work.ts';
import { type FilePart, toPart } from '../format/blob-parts.ts';
import { blobOfPath } from '../format/check-payload.ts';
import { headEnvelopePath, mediumEnvelopePath } from '../format/format.ts';
import { damageRemedies, damageWarnings, naming } from './damage.ts';
import { extraFilesFinding } from './extra-files.ts';
import { keyFindings } from './key-findings.ts';
import type { OpenBundle } from './open-media.ts';
import { checkPresent } from './present-medium.ts';
import { refusedContents } from './refused-contents.ts';
import { repairedFindings } from './repaired-finding.ts';
import { shownMedia, shownSignature } from './shown-bundle.ts';
import type { VerifyEvent, VerifyPlan, VerifyTotals } from './verify-files.ts';

type Verified = OutputOf<typeof verify>;

/** How much damage is kept in memory; an answer may hold less. */
const maxDamage = 5000;

/** Reads all listed files in a worker thread (`workers`: folder of the built entries) and returns all damage, as in the contract. */
export async function verifyBundle(
  open: OpenBundle,
  workers: string,
  work: Work,
  now: Date = new Date(),
): Promise<Verified> {
  const startedAt = performance.now();
  const damage: Damage[] = [];
  let damageCount = 0;
  const named = await naming(open, work.signal);
  const warn = damageWarnings(work);
  const note = (found: Damage) => {
    const one = named(found);
    damageCount += 1;
    if (damage.length < maxDamage) damage.push(one);
    warn(one);
  };
  for (const one of missingMedia(open)) note(one);
  const findings = [...keyFindings(open, now), ...(await findingsOf(open, work.signal))];
  const repaired = new Map<string, number>();
  const totals = await readAll(open, workers, work, note, (medium) => {
    repaired.set(medium, (repaired.get(medium) ?? 0) + 1);
  });
  findings.push(...repairedFindings([...repaired].map(([medium, count]) => `${medium}: ${countText(count, 'block')}`)));
  return {
    id: open.id,
    media: shownMedia(open),
    missingMedia: open.missing,
    isHeadSeen: open.head !== undefined,
    ...totals,
    ...(repaired.size > 0 && { repairedBlocks: [...repaired.values()].reduce((sum, count) => sum + count, 0) }),
    signature: shownSignature(open),
    damage: withinBudget(damage, 200_000),
    damageCount,
    findings: boundedFindings(findings, 200_000),
    remedies: damageRemedies(damage),
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** What the import will refuse although no byte of it is damaged, and what it will ignore. */
async function findingsOf(open: OpenBundle, signal: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const { message, remedies } of refusedContents(open, signal)) {
    const consequence = 'The import refuses this bundle, although its bytes are as signed.';
    findings.push({ id: 'bundle.refused', severity: 'red', title: message, consequence, remedies });
  }
  const extra = await extraFilesFinding(open);
  return extra ? [...findings, extra] : findings;
}

/**
 * Reads all listed files of inserted media in a worker thread. `note` gets each damage, `onRepaired` the label of a medium for each block from an
 * overlay. Throws `medium.gone` where the damage is that a medium was pulled.
 */
export async function readAll(
  open: OpenBundle,
  workers: string,
  work: Work,
  note: (one: Damage) => void,
  onRepaired: (medium: string) => void = () => undefined,
): Promise<VerifyTotals> {
  const plan = planVerify(open);
  const total = plan.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let done = 0;
  work.step(
    'read',
    `Read ${countText(plan.files.length, 'file')} on ${countText(open.media.length, 'medium', 'media')}`,
  );
  work.progress({ done, total, unit: 'bytes' });
  let isDamaged = false;
  const totals = await runThread<VerifyTotals, VerifyEvent>(join(workers, 'verify-thread.js'), plan, {
    signal: work.signal,
    onEvent: (event) => {
      isDamaged ||= event.type === 'damage';
      if (event.type === 'damage') return note(event.damage);
      if (event.type === 'repaired') return onRepaired(event.medium);
      done += event.bytes;
      work.progress({ done, total, unit: 'bytes', item: event.path });
    },
  });
  // All files of a medium that was pulled look missing.
  if (isDamaged) for (const { root } of open.media) if (root !== undefined) await checkPresent(root);
  return totals;
}

/** The reading order: by medium and path, but the parts of one blob together, so that its digest needs no second read. */
export function planVerify(open: OpenBundle): VerifyPlan {
  const groups = new Map<string, { index: number; part: FilePart }[]>();
  for (const medium of open.media) {
    if (medium.root === undefined) continue;
    for (const file of medium.payload.files) {
      const blob = blobOfPath(file.path);
      const key = blob?.index === undefined ? `${medium.ordinal} ${file.path}` : blob.hex;
      const group = groups.get(key) ?? [];
      groups.set(key, [...group, { index: blob?.index ?? 0, part: toPart(medium, file) }]);
    }
  }
  const sizes = blobSizes(open);
  const wholeBlobs: string[] = [];
  for (const [hex, group] of groups) {
    group.sort((a, b) => a.index - b.index);
    const sizeBytes = group.reduce((sum, { part }) => sum + part.sizeBytes, 0);
    if (sizes.get(hex) === sizeBytes && group.every(({ index }, at) => index === at)) wholeBlobs.push(hex);
  }
  return { files: [...groups.values()].flatMap((group) => group.map(({ part }) => part)), wholeBlobs };
}

/** The sizes of all blobs that the head names, by hex digest; empty without a head. */
export function blobSizes(open: OpenBundle): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const content of open.head?.payload.contents ?? []) {
    for (const blob of [content.manifest, ...content.blobs]) sizes.set(hexOf(blob.digest), blob.sizeBytes);
  }
  return sizes;
}

function missingMedia(open: OpenBundle): Damage[] {
  const damage: Damage[] = [];
  const none = { block: 0, offsetBytes: 0 };
  if (!open.head) {
    const medium = open.media.at(-1)?.label ?? '';
    damage.push({ medium, path: headEnvelopePath, ...none, lengthBytes: 0, kind: 'missing-head' });
  }
  for (const { ordinal, label } of open.missing) {
    const lengthBytes = open.head?.payload.media[ordinal - 1]?.sizeBytes ?? 0;
    damage.push({ medium: label, path: mediumEnvelopePath, ...none, lengthBytes, kind: 'missing-medium' });
  }
  return damage;
}
