import { places } from '../../state/places.ts';
import type { Chapter } from './chapter.ts';

const files = import.meta.glob<Chapter>('../../../../docs/guide/*.md', { eager: true, import: 'default' });
const order: readonly string[] = ['home', ...places];
const place = ({ id }: Chapter) => (order.includes(id) ? order.indexOf(id) : order.length);

/** The chapters of the guide: Home, one for each other screen, then the glossary. */
export const chapters: readonly Chapter[] = Object.values(files).sort((a, b) => place(a) - place(b));
