import { type ComponentType, type LazyExoticComponent, lazy } from 'react';

const loads: (() => Promise<unknown>)[] = [];
let isIdle = false;

/** Makes a component whose code is loaded when it is first shown, or by `loadLazyParts`. */
export function lazyPart<P>(load: () => Promise<{ default: ComponentType<P> }>): LazyExoticComponent<ComponentType<P>> {
  if (isIdle) loadAhead(load);
  else loads.push(load);
  return lazy(() => load().catch(() => onceMore(load)));
}

/* Browsers abort requests when container networks come or go, as in a deployment. */
async function onceMore<T>(load: () => Promise<T>): Promise<T> {
  await new Promise((done) => setTimeout(done, 500));
  return load();
}

/** Loads all of them, also those made later, while the page is idle, so that each can be shown after the server is gone. */
export function loadLazyParts(): void {
  requestIdleCallback(() => {
    isIdle = true;
    for (const load of loads.splice(0)) loadAhead(load);
  });
}

/* One that fails twice is loaded again when it is shown. */
function loadAhead(load: () => Promise<unknown>): void {
  load()
    .catch(() => onceMore(load))
    .catch(() => undefined);
}
