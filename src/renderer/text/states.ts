import { measuredWords } from '../../shared/measured-words.ts';
import { partWords } from '../../shared/part-health.ts';
import { stepWords } from '../../shared/step-words.ts';
import { inLanguage } from './language.ts';

/** Words for how steps and parts are, which the core and the terminal have in English. */
export const statesText = inLanguage('states', { steps: stepWords, parts: partWords, measured: measuredWords });
