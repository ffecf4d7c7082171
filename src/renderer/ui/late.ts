import { type ComponentType, type LazyExoticComponent, lazy } from 'react';

const loads: (() => Promise<unknown>)[] = [];

/** Makes a component whose code is loaded when it is first shown, or by `loadLateParts`. */
export function late<P>(load: () => Promise<{ default: ComponentType<P> }>): LazyExoticComponent<ComponentType<P>> {
  loads.push(load);
  return lazy(() => load().catch(() => onceMore(load)));
}

/* Browsers abort requests when container networks come or go, as in a deployment. */
async function onceMore<T>(load: () => Promise<T>): Promise<T> {
  await new Promise((done) => setTimeout(done, 500));
  return load();
}

/** Loads all of them while the page is idle, so that each can be shown after the server is gone. */
export function loadLateParts(): void {
  requestIdleCallback(() => {
    // One that fails to load now is loaded again when it is shown.
    for (const load of loads) load().catch(() => undefined);
  });
}
