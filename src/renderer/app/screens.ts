import type { ComponentType } from 'react';
import type { Place } from '../state/places.ts';
import { lazyPart } from '../ui/lazy-part.ts';

/** The screen for each place, loaded when it is first shown. */
export const screens: Record<Place, ComponentType> = {
  home: lazyPart(() => import('../features/home/home-screen.tsx')),
  readiness: lazyPart(() => import('../features/readiness/readiness-screen.tsx')),
  model: lazyPart(() => import('../features/model/model-screen.tsx')),
  import: lazyPart(() => import('../features/import/import-screen.tsx')),
  deploy: lazyPart(() => import('../features/deploy/deploy-screen.tsx')),
  gitlab: lazyPart(() => import('../features/gitlab/gitlab-screen.tsx')),
  probe: lazyPart(() => import('../features/probe/probe-screen.tsx')),
  report: lazyPart(() => import('../features/report/report-screen.tsx')),
  pack: lazyPart(() => import('../features/pack/pack-screen.tsx')),
  push: lazyPart(() => import('../features/push/push-screen.tsx')),
  rehearse: lazyPart(() => import('../features/rehearse/rehearse-screen.tsx')),
};
