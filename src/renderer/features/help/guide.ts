import type { Chapter } from './chapter.ts';

const files = import.meta.glob<Chapter>('../../../../docs/guide/*.md', { eager: true, import: 'default' });
const order = ['home', 'readiness', 'model', 'import', 'deploy', 'gitlab', 'probe', 'report', 'pack', 'rehearse'];
const place = ({ id }: Chapter) => (order.includes(id) ? order.indexOf(id) : order.length);

/** The chapters of the guide: one for each screen in the order of the steps, then the glossary. */
export const chapters: readonly Chapter[] = Object.values(files).sort((a, b) => place(a) - place(b));
