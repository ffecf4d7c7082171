import { app } from './app.ts';
import { deploy } from './deploy.ts';
import { gitlab } from './gitlab.ts';
import { help } from './help.ts';
import { home } from './home.ts';
import { importWords } from './import.ts';
import { model } from './model.ts';
import { pack } from './pack.ts';
import { palette } from './palette.ts';
import { pathField } from './path-field.ts';
import { probe } from './probe.ts';
import { push } from './push.ts';
import { readiness } from './readiness.ts';
import { rehearse } from './rehearse.ts';
import { remedies } from './remedies.ts';
import { report } from './report.ts';
import { settings } from './settings.ts';
import { states } from './states.ts';

/** The German words, by the name that each screen's English words have in `inLanguage`. */
export const catalogue = {
  app,
  deploy,
  gitlab,
  help,
  home,
  import: importWords,
  model,
  pack,
  palette,
  pathField,
  probe,
  push,
  readiness,
  rehearse,
  remedies,
  report,
  settings,
  states,
};
