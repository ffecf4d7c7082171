import type { WizardStep } from '../../shared/contract/wizard.ts';
import type { deployText } from '../text/deploy.ts';

/** A station of the path of a request. */
export type StationId = keyof typeof deployText.picture;

/** What is known about a station: its state, and a line in words. */
export interface StationNote {
  mark: WizardStep['status'];
  line?: string;
}
