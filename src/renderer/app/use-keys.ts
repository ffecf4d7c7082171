import { useEffect } from 'react';
import { showJobs } from '../state/jobs.ts';
import { goTo, type Place } from '../state/route.ts';

const placeOfLetter: Record<string, Place> = {
  r: 'readiness',
  m: 'model',
  i: 'import',
  d: 'deploy',
  g: 'gitlab',
  p: 'probe',
  o: 'report',
  h: 'home',
  b: 'pack',
  t: 'rehearse',
};
const waitMs = 1500;

/** Handles the keyboard shortcuts of the window. Ignores keys typed into a field or a dialog, or with a modifier. */
export function useKeys(toggleList: () => void): void {
  useEffect(() => {
    let goAt = 0;
    const press = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input,textarea,select,[role="dialog"]'))
        return;
      const place = Date.now() - goAt < waitMs ? placeOfLetter[event.key] : undefined;
      goAt = 0;
      if (place) goTo(place);
      else if (event.key === 'g') goAt = Date.now();
      else if (event.key === 'j') showJobs();
      else if (event.key === '?') toggleList();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [toggleList]);
}
