import { create } from 'zustand';
import { type Place, places } from './places.ts';

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
  return places.find((one) => one === name) ?? 'home';
}
