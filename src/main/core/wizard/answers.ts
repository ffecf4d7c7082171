import { join } from 'node:path';
import { type WizardAnswers, wizardAnswers } from '../../../shared/contract/wizard.ts';
import { readBounded } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';

const maxBytes = 1024 * 1024;

/** What was answered so far. Answers that cannot be read count as none: nothing depends on them but what is shown. */
export async function readAnswers(folder: string): Promise<WizardAnswers> {
  try {
    const bytes = await readBounded(join(folder, 'answers.json'), maxBytes);
    return wizardAnswers.parse(bytes ? JSON.parse(bytes.toString()) : {});
  } catch {
    return wizardAnswers.parse({});
  }
}

/** Keeps the answers, whole or not at all. */
export async function writeAnswers(folder: string, answers: WizardAnswers): Promise<void> {
  await writeWhole(join(folder, 'answers.json'), `${JSON.stringify(answers, null, 2)}\n`, { folderMode: 0o700 });
}
