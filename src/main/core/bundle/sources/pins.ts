import { stringify } from 'yaml';
import { z } from 'zod';
import { digestPattern } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import { issueLines } from '../../../../shared/rpc/frames.ts';
import { parseYaml, yamlIssues } from '../../files/parse-yaml.ts';
import { readBounded } from '../../files/read-bounded.ts';
import { writeWhole } from '../../files/write-whole.ts';
import type { ContentSource, Pin } from './content-source.ts';

/** What to do when a name stands for something else than the lock file says. */
export type Moved = 'refuse' | 'keep' | 'take';

const pins = z.record(z.string().max(1000), z.string().max(200)).superRefine((found, context) => {
  for (const [name, value] of Object.entries(found)) {
    const { pattern, words } = formOf(name);
    if (!pattern.test(value)) context.addIssue({ code: 'custom', path: [name], message: `is not pinned to ${words}` });
  }
});
const lockFile = z.strictObject({ lock: z.literal(1), pins });
/** What the value of a pin is, by its name: the newest tag of a pattern, the commit of a model, else the digest of an image or a chart. */
function formOf(name: string): { pattern: RegExp; words: string } {
  if (name.includes('*')) return { pattern: /^\w[\w.-]{0,127}$/, words: 'a tag' };
  if (name.includes('@')) return { pattern: /^[0-9a-f]{40}$/, words: 'a commit' };
  return { pattern: new RegExp(`^${digestPattern}$`), words: 'a digest' };
}

const maxLockBytes = 1024 * 1024;
const head = `# What the tags and branches of the bundle's description stood for when it was packed. Written by sealift bundle pack.
# Keep it next to the description: the same contents are packed again, and a tag that moved is noticed.
`;

/** The lock file of a description: what its names stood for. */
export interface Pins {
  path: string;
  known: ReadonlyMap<string, string>;
  moved: Moved;
}

/** Reads a lock file, which need not exist. Throws `input.invalid`. */
export async function readPins(path: string, moved: Moved = 'refuse'): Promise<Pins> {
  const bytes = await readBounded(path, maxLockBytes);
  if (!bytes) return { path, known: new Map(), moved };
  const parsed = parseYaml(bytes, 0);
  if (!parsed.isYaml) throw appError('input.invalid', { what: path, issues: yamlIssues(parsed.problems) });
  const checked = lockFile.safeParse(parsed.value);
  if (!checked.success) {
    const issues = ['is not a lock file of a bundle', ...issueLines(checked.error)];
    throw appError('input.invalid', { what: path, issues });
  }
  return { path, known: new Map(Object.entries(checked.data.pins)), moved };
}

/**
 * Returns what a name is packed as: what the lock file says, else what it stands for now, which is not asked if the lock file is kept.
 * Throws `remote.moved` when these differ.
 */
export async function pinned(pins: Pins, name: string, now: () => Promise<string>): Promise<string> {
  const before = pins.known.get(name);
  if (before !== undefined && pins.moved === 'keep') return before;
  const found = await now();
  if (before === undefined || before === found || pins.moved === 'take') return found;
  throw appError('remote.moved', { name, pinned: before, found, lock: pins.path });
}

/** Writes the pins of a description and of its sources to its lock file, if they have any and it says otherwise. Throws `file.*`. */
export async function writePins(
  { lock: path, pins: own = [] }: { lock?: string; pins?: Pin[] },
  sources: Pick<ContentSource, 'pins'>[],
): Promise<void> {
  const pins = [...own, ...sources.flatMap(({ pins }) => pins ?? [])].map(({ name, value }) => [name, value] as const);
  if (path === undefined || pins.length === 0) return;
  const text = head + stringify({ lock: 1, pins: Object.fromEntries(pins) }, { lineWidth: 0 });
  const before = await readBounded(path, maxLockBytes);
  if (before?.toString('utf8') !== text) await writeWhole(path, text, { mode: 0o644 });
}
