import { steps } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';
import { timeText } from '../../../../shared/time-text.ts';
import type { OpenBundle } from '../../bundle/read/open-media.ts';
import type { SeenContent } from '../../bundle/read/read-blob.ts';
import type { ImportRecord } from '../../store/import-record.ts';

/** A bundle that was packed before one that its store holds. */
export interface OlderBundle {
  /** Its name; without the list of the whole bundle its id. */
  name: string;
  created: string;
  newer: { id: string; name: string; created: string };
}

/**
 * Returns what makes a bundle older: an import of a bundle of the same name, or of other content under the same name, that was packed
 * later. Imports before the bundle's own last one don't count, because that one was allowed after them. `records` are newest first.
 */
export function olderBundle(
  { id, head, media }: OpenBundle,
  contents: readonly SeenContent[],
  records: readonly ImportRecord[],
): OlderBundle | undefined {
  const created = head?.payload.created ?? media[0]?.payload.created ?? '';
  const own = records.findIndex((one) => one.bundle.id === id);
  const [newer] = records
    .slice(0, own < 0 ? undefined : own)
    .filter(({ bundle }) => Date.parse(bundle.created) > Date.parse(created))
    .filter((one) => one.bundle.name === head?.payload.name || contents.some((content) => differs(content, one)))
    .sort((a, b) => Date.parse(b.bundle.created) - Date.parse(a.bundle.created));
  if (!newer) return undefined;
  const { id: newerId, name, created: newerCreated } = newer.bundle;
  return { name: head?.payload.name ?? id, created, newer: { id: newerId, name, created: newerCreated } };
}

/** Whether the record holds other content under this name. */
function differs({ kind, name, manifest }: SeenContent, { models, files, images }: ImportRecord): boolean {
  if (kind === 'image') return images.some((one) => one.reference === name && one.digest !== manifest.digest);
  const sets = kind === 'model' ? models : files;
  return sets.some((one) => one.name === name && one.manifestDigest !== manifest.digest);
}

/** The finding about an older bundle whose import was allowed. */
export function olderFinding({ name, created, newer }: OlderBundle): Finding {
  return {
    id: 'import.older-allowed',
    severity: 'amber',
    title: `Bundle ${name} is older, of ${timeText(created)}: ${newer.name} of ${timeText(newer.created)} was imported before.`,
    consequence: 'Its import was allowed. The report records this.',
    remedies: [steps('To go back to the newer content, import the newer bundle again.')],
  };
}
