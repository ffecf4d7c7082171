import type { WizardStepId } from '../../shared/contract/wizard.ts';

/** The screens of the window, each with the letter that shows it after g. Every list of screens comes from here. */
export const letterOf = {
  readiness: 'r',
  model: 'm',
  import: 'i',
  deploy: 'd',
  gitlab: 'g',
  probe: 'p',
  report: 'o',
  home: 'h',
  pack: 'b',
  push: 'u',
  rehearse: 't',
} as const satisfies Record<WizardStepId, string> & Record<string, string>;

/** A screen of the window: one of the seven steps, or another. */
export type Place = keyof typeof letterOf;

/** Every screen, in the order of `letterOf`. */
export const places = Object.keys(letterOf) as Place[];
