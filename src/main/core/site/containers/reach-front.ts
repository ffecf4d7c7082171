import { appError } from '../../../../shared/errors/app-error.ts';
import { askFromInside } from '../../engine/ask-from-inside.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { containerState } from '../../engine/container-state.ts';
import type { SiteMark } from '../../engine/labels.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import type { Work } from '../../work.ts';

const timeoutMs = 10_000;

/** Checks that the gateway's container reaches the front; warns when it cannot check. Throws `site.front-unreachable`. */
export async function reachFront(
  engine: Engine,
  { planned, url, port }: { planned: PlannedContainer; url: string; port: number },
  { work, mark }: { work: Work; mark: SiteMark },
): Promise<void> {
  const state = await containerState(engine, planned.spec, mark.owner);
  if (!('id' in state)) return;
  const reached = await askFromInside(engine, state.id, { method: 'GET', url, timeoutMs }, work.signal);
  if (reached.kind === 'unknown') {
    work.warn(`Could not check from inside the container: its image has none of ${reached.tried.join(', ')}.`);
    return;
  }
  if (reached.kind === 'answer' && reached.status === 200) return;
  const problem = reached.kind === 'answer' ? `status ${reached.status}` : reached.detail;
  const host = planned.spec.extraHosts[0]?.split(':').slice(1).join(':') ?? '';
  throw appError('site.front-unreachable', { url, host, port, problem });
}
