import { isAbsolute } from 'node:path';
import { contract } from '../../shared/contract/index.ts';
import { connect } from '../../shared/rpc/connect.ts';
import type { Pipe } from '../../shared/rpc/pipe.ts';
import { openedFile } from '../core/wizard/opened-file.ts';
import { pageAddress } from './page-address.ts';

/**
 * Returns the address to show for the arguments of a start. A file among them (see `openedFile`) is put into the wizard's answers first;
 * if another Sealift holds the lock, it is only the screen that is shown.
 */
export async function addressFor(args: readonly string[], openCore: () => Pipe): Promise<string> {
  const path = args.slice(1).findLast((one) => isAbsolute(one) && openedFile(one));
  const opened = path === undefined ? undefined : openedFile(path);
  if (!opened) return pageAddress;
  const pipe = openCore();
  await connect(contract, pipe, 'the core')
    .wizard.answer(opened.answers)
    .catch(() => undefined);
  pipe.close();
  return `${pageAddress}#/${opened.place}`;
}
