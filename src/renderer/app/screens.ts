import type { ComponentType } from 'react';
import type { Place } from '../state/places.ts';
import { late } from '../ui/lazy-part.ts';

/** The screen for each place, loaded when it is first shown. */
export const screens: Record<Place, ComponentType> = {
  home: late(() => import('../features/home/home-screen.tsx')),
  readiness: late(() => import('../features/readiness/readiness-screen.tsx')),
  model: late(() => import('../features/model/model-screen.tsx')),
  import: late(() => import('../features/import/import-screen.tsx')),
  deploy: late(() => import('../features/deploy/deploy-screen.tsx')),
  gitlab: late(() => import('../features/gitlab/gitlab-screen.tsx')),
  probe: late(() => import('../features/probe/probe-screen.tsx')),
  report: late(() => import('../features/report/report-screen.tsx')),
  pack: late(() => import('../features/pack/pack-screen.tsx')),
  push: late(() => import('../features/push/push-screen.tsx')),
  rehearse: late(() => import('../features/rehearse/rehearse-screen.tsx')),
};
