import { app } from './app.ts';
import { help } from './help.ts';
import { home } from './home.ts';
import { palette } from './palette.ts';
import { pathField } from './path-field.ts';
import { probe } from './probe.ts';
import { rehearse } from './rehearse.ts';
import { remedies } from './remedies.ts';
import { report } from './report.ts';

/** The German words, by the name that each screen's English words have in `inLanguage`. */
export const catalogue = { app, help, home, palette, pathField, probe, rehearse, remedies, report };
