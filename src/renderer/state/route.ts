import { create } from 'zustand';
import { type WizardStepId, wizardStepId } from '../../shared/contract/wizard.ts';

/** The places of the window: the seven steps, and three beside them. */
export type Place = WizardStepId | 'home' | 'pack' | 'rehearse';
const places: readonly string[] = [...wizardStepId.options, 'home', 'pack', 'rehearse'];

/** Which place is shown; it stands in the address, so that the browser's back button and a reload keep it. */
export const useRoute = create<{ place: Place }>(() => ({ place: placeOf(location.hash) }));

/** Begins to follow the address. */
export function followAddress(): void {
  addEventListener('hashchange', () => {
    // A jump within the page leaves the place as it is, and a reload must find it.
    if (location.hash === '#content') history.replaceState(history.state, '', `#/${useRoute.getState().place}`);
    else useRoute.setState({ place: placeOf(location.hash) });
  });
}

/** Goes to a place. */
export function goTo(place: Place): void {
  location.hash = `#/${place}`;
}

function placeOf(hash: string): Place {
  const name = hash.replace(/^#\//, '');
  return places.includes(name) ? (name as Place) : 'home';
}
