import { join } from 'node:path';
import { type WizardAnswers, wizardAnswers } from '../../../shared/contract/wizard.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';

const maxBytes = 1024 * 1024;

/** Reads the answers so far. Unreadable answers count as none: they decide only what is shown. */
export async function readAnswers(folder: string): Promise<WizardAnswers> {
  try {
    const bytes = await readBounded(join(folder, 'answers.json'), maxBytes);
    return wizardAnswers.parse(bytes ? JSON.parse(bytes.toString()) : {});
  } catch {
    return wizardAnswers.parse({});
  }
}

/** Returns the one function that changes the answers. Each change starts from the result of the previous one and is saved whole or not at all. */
export function answerChanges(folder: string): (edit: (before: WizardAnswers) => WizardAnswers) => Promise<void> {
  let last = Promise.resolve();
  return (edit) => {
    const mine = last.then(async () => writeAnswers(folder, edit(await readAnswers(folder))));
    last = mine.catch(() => undefined);
    return mine;
  };
}

async function writeAnswers(folder: string, answers: WizardAnswers): Promise<void> {
  await writeWhole(join(folder, 'answers.json'), `${JSON.stringify(answers, null, 2)}\n`, { folderMode: 0o700 });
}
