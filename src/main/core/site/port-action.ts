import { appError } from '../../../shared/errors/app-error.ts';
import type { Step } from './plan-site.ts';
import { isPortFree, ownerText, portOwner } from './port-owner.ts';
import { liveState, serviceFacts } from './service-facts.ts';
import type { StepAction } from './step-action.ts';

type PortStep = Extract<Step, { kind: 'port' }>;

/** A port must be free, or held by a part of this very site. Nothing is done to it: its part takes it. */
export const portAction: StepAction<PortStep> = {
  check: async ({ host, port, part }, { paths }) => {
    if (await isPortFree(host, port, part)) return 'will-be-made';
    const owner = await portOwner(port);
    const own = liveState(await serviceFacts(paths))?.parts ?? [];
    const isOurs = own.some((one) => (owner.pid === undefined ? one.port === port : one.pid === owner.pid));
    if (isOurs) return 'exists';
    throw appError('site.port-taken', { host, port, part, owner: ownerText(owner) });
  },
  apply: async () => undefined,
  verify: async () => undefined,
};
