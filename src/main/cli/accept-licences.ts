import { packPlan } from '../../shared/contract/pack.ts';
import { appError } from '../../shared/errors/app-error.ts';
import { licenceLine, licencesToAccept, unacceptedDetails } from '../../shared/plan-licences.ts';
import type { InputOf } from '../../shared/rpc/contract.ts';
import { askYes, canAsk } from './ask.ts';
import type { Session } from './cli.ts';

/**
 * Plans the bundle, and asks a person at a terminal whether they may redistribute what it will contain, as the window does. Throws
 * `pack.licence-unaccepted` for no, and where no one can be asked.
 */
export async function acceptLicences({ client, follow, say }: Session, input: InputOf<typeof packPlan>): Promise<void> {
  const plan = await follow(packPlan, client.bundle.packPlan(input));
  const contents = licencesToAccept(plan);
  if (canAsk()) {
    for (const one of contents) say(`  ${licenceLine(one)}`);
    if (await askYes('May you redistribute all of these?')) return;
  }
  throw appError('pack.licence-unaccepted', unacceptedDetails(plan, contents, input));
}
