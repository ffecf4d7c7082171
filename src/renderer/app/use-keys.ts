import { useEffect } from 'react';
import { showJobs } from '../state/jobs.ts';
import { letterOf, places } from '../state/places.ts';
import { goTo } from '../state/route.ts';

const waitMs = 1500;

/** Handles the keyboard shortcuts of the window. Ignores keys typed into a dialog, and letters typed into a field. */
export function useKeys({ help, palette }: { help(): void; palette(): void }): void {
  useEffect(() => {
    // Not the time of day, which may be set back in between.
    let goAt = Number.NEGATIVE_INFINITY;
    const press = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : document.body;
      if (target.closest('[role="dialog"]')) return;
      if (event.ctrlKey || event.metaKey || event.altKey) {
        if (event.key !== 'k' || event.altKey) return;
        event.preventDefault();
        palette();
        return;
      }
      if (target.closest('input,textarea,select')) return;
      const place = performance.now() - goAt < waitMs ? places.find((one) => letterOf[one] === event.key) : undefined;
      goAt = Number.NEGATIVE_INFINITY;
      if (place) goTo(place);
      else if (event.key === 'g') goAt = performance.now();
      else if (event.key === 'j') showJobs();
      else if (event.key === '?') help();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [help, palette]);
}
