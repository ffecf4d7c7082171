import { appError } from '../../shared/errors/app-error.ts';
import { askYes, canAsk } from './ask.ts';
import type { Session } from './cli.ts';

/**
 * Asks a person at a terminal whether they may redistribute what a description packs, as the window does. Throws `pack.licence-unaccepted` for
 * no, and where no one can be asked.
 */
export async function acceptLicences({ client, say }: Session, specFile: string): Promise<void> {
  const { spec } = await client.bundle.readSpec({ path: specFile });
  const lines = spec.contents.map((one) => {
    const name = one.kind === 'image' ? one.reference : one.name;
    return `${one.kind} ${name}: ${one.licence ?? 'no licence stated'}`;
  });
  if (spec.site) lines.push('what the site needs besides: --plan lists it with its licences');
  if (canAsk()) {
    for (const line of lines) say(`  ${line}`);
    if (await askYes('May you redistribute all of these?')) return;
  }
  throw appError('pack.licence-unaccepted', { contents: lines });
}
