import { packPlan } from '../../shared/contract/pack.ts';
import { appError } from '../../shared/errors/app-error.ts';
import { licencesToAccept, licenceWords } from '../../shared/plan-licences.ts';
import type { InputOf } from '../../shared/rpc/contract.ts';
import { askYes, canAsk } from './ask.ts';
import type { Session } from './cli.ts';

/**
 * Plans the bundle, and asks a person at a terminal whether they may redistribute what it will contain, as the window does. Throws
 * `pack.licence-unaccepted` for no, and where no one can be asked.
 */
export async function acceptLicences({ client, follow, say }: Session, input: InputOf<typeof packPlan>): Promise<void> {
  const plan = await follow(packPlan, client.bundle.packPlan(input));
  const lines = licencesToAccept(plan).map((one) => `${one.kind} ${one.name}: ${licenceWords(one)}`);
  if (canAsk()) {
    for (const line of lines) say(`  ${line}`);
    if (await askYes('May you redistribute all of these?')) return;
  }
  throw appError('pack.licence-unaccepted', { contents: lines });
}
