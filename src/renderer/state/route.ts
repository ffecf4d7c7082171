import { create } from 'zustand';
import { type WizardStepId, wizardStepId } from '../../shared/contract/wizard.ts';

/** The screens of the window: the seven steps and three others. */
export type Place = WizardStepId | 'home' | 'pack' | 'rehearse';
const places: readonly string[] = [...wizardStepId.options, 'home', 'pack', 'rehearse'];

/** The screens by the letter that follows g. */
export const placeOfLetter: Readonly<Record<string, Place>> = {
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

/** The current screen. It is part of the address, so that the back button and a reload keep it. */
export const useRoute = create<{ place: Place }>(() => ({ place: placeOf(location.hash) }));

/** Starts to follow the address. */
export function followAddress(): void {
  addEventListener('hashchange', () => useRoute.setState({ place: placeOf(location.hash) }));
}

/** Shows a screen. */
export function goTo(place: Place): void {
  location.hash = `#/${place}`;
}

/* A sign-in link ends in the screen that it is for. */
function placeOf(hash: string): Place {
  const name = hash.replace(/^#(token=[\w-]+)?\//, '');
  return places.includes(name) ? (name as Place) : 'home';
}
