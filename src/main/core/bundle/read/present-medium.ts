import { appError } from '../../../../shared/errors/app-error.ts';
import { closeFile } from '../../files/close-file.ts';
import { mediumEnvelopePath } from '../format/format.ts';
import { openMediumFile } from '../format/open-medium-file.ts';

/** Throws `medium.gone` when a medium that was opened is no longer at its root: pulled or unmounted, not damaged. */
export async function checkPresent(root: string): Promise<void> {
  const envelope = await openMediumFile(root, mediumEnvelopePath);
  if (!envelope) throw appError('medium.gone', { path: root });
  await closeFile(envelope);
}
