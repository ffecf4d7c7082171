import { z } from 'zod';
import type { Mark } from './mark.ts';
import { slug } from './site-file.ts';

/** The states of a site's part, as its process or its container shows them. */
export const partState = z.enum(['starting', 'running', 'restarting', 'failed', 'stopped']);

/** How often the service has restarted what hung since it started, when last, and how the last hang showed. */
export const hangs = z.object({ times: z.int().positive(), lastAt: z.iso.datetime(), lastSign: z.string() });
export type Hangs = z.infer<typeof hangs>;

/** Counts one more hang. */
export function oneMoreHang(before: Hangs | undefined, lastSign: string): Hangs {
  return { times: (before?.times ?? 0) + 1, lastAt: new Date().toISOString(), lastSign };
}

/** Figures that a part measures itself; their names end with the unit (`residentBytes`, `requests`). */
export const measured = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));

/** What is known of each running part, in the service's state and in a status alike. */
export const partFacts = z.object({
  name: slug,
  kind: z.string(),
  state: partState,
  pid: z.int().optional(),
  host: z.string().optional(),
  port: z.int().optional(),
  restarts: z.int(),
  /** Its restarts because it hung; absent for none. */
  hangs: hangs.optional(),
  /** The last error, one redacted line. */
  error: z.string().optional(),
  /** Since when its process, which exists, has not answered. */
  silentSince: z.iso.datetime().optional(),
  measured,
});

type PartState = z.infer<typeof partState>;

/** The states of a part, as people read them: a word, and what it means. */
export const partWords: Record<PartState, { word: string; meaning: string }> = {
  starting: { word: 'starting', meaning: 'It has started and does not answer yet.' },
  running: { word: 'running', meaning: 'It answers.' },
  restarting: { word: 'restarting', meaning: 'It ended and is being started again.' },
  failed: {
    word: 'failed',
    meaning: 'It ended too often. It is tried again every few minutes; start it to try now.',
  },
  stopped: { word: 'stopped', meaning: 'It does not run.' },
};

/** The mark of each state. */
export const partMarks: Record<PartState, Mark> = {
  starting: 'working',
  running: 'done',
  restarting: 'look',
  failed: 'blocked',
  stopped: 'todo',
};
