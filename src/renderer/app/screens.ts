import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { Place } from '../state/route.ts';

const loaders: Record<Place, () => Promise<{ default: ComponentType }>> = {
  home: () => import('../features/home/home-screen.tsx'),
  readiness: () => import('../features/readiness/readiness-screen.tsx'),
  model: () => import('../features/model/model-screen.tsx'),
  import: () => import('../features/import/import-screen.tsx'),
  deploy: () => import('../features/deploy/deploy-screen.tsx'),
  gitlab: () => import('../features/gitlab/gitlab-screen.tsx'),
  probe: () => import('../features/probe/probe-screen.tsx'),
  report: () => import('../features/report/report-screen.tsx'),
  pack: () => import('../features/pack/pack-screen.tsx'),
  rehearse: () => import('../features/rehearse/rehearse-screen.tsx'),
};

/** The screen for each place, loaded when it is first shown. */
export const screens = Object.fromEntries(
  Object.entries(loaders).map(([place, load]) => [place, lazy(() => load().catch(() => onceMore(load)))]),
) as Record<Place, LazyExoticComponent<ComponentType>>;

/* Browsers abort requests when container networks come or go, as in a deployment. */
async function onceMore<T>(load: () => Promise<T>): Promise<T> {
  await new Promise((done) => setTimeout(done, 500));
  return load();
}

/** Loads every screen while the page is idle, so that each can be shown after the server is gone. */
export function preloadScreens(): void {
  requestIdleCallback(() => {
    // A screen that fails to load now is loaded again when it is shown.
    for (const load of Object.values(loaders)) load().catch(() => undefined);
  });
}
