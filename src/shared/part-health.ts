import { z } from 'zod';

/** The states of a site's part, as its process or its container shows them. */
export const partState = z.enum(['starting', 'running', 'restarting', 'failed', 'stopped']);

/** How often the service has restarted what hung since it started, when last, and how the last hang showed. */
export const hangs = z.object({ times: z.int().positive(), lastAt: z.iso.datetime(), lastSign: z.string() });
export type Hangs = z.infer<typeof hangs>;

/** Counts one more hang. */
export function oneMoreHang(before: Hangs | undefined, lastSign: string): Hangs {
  return { times: (before?.times ?? 0) + 1, lastAt: new Date().toISOString(), lastSign };
}

/** How window and terminal show a state of a part: its word, what it means, the window's mark and the terminal's glyph. */
export interface PartHealth {
  word: string;
  meaning: string;
  mark: 'working' | 'done' | 'look' | 'blocked' | 'todo';
  glyph: string;
}

/** The states of a part, as people read them. */
export const partHealth: Record<z.infer<typeof partState>, PartHealth> = {
  starting: { word: 'starting', meaning: 'It has started and does not answer yet.', mark: 'working', glyph: '◐' },
  running: { word: 'running', meaning: 'It answers.', mark: 'done', glyph: '●' },
  restarting: { word: 'restarting', meaning: 'It ended and is being started again.', mark: 'look', glyph: '▲' },
  failed: {
    word: 'failed',
    meaning: 'It ended too often. It is tried again every few minutes; start it to try now.',
    mark: 'blocked',
    glyph: '■',
  },
  stopped: { word: 'stopped', meaning: 'It does not run.', mark: 'todo', glyph: '○' },
};
