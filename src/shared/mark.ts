import { z } from 'zod';

/** How something is, at a glance: not done yet, being done, good, worth a look, or failed. */
export const mark = z.enum(['todo', 'working', 'done', 'look', 'blocked']);
export type Mark = z.infer<typeof mark>;

/** The glyph of each mark, for the terminal and the window. */
export const markGlyphs: Record<Mark, string> = { todo: '○', working: '◐', done: '●', look: '▲', blocked: '■' };
