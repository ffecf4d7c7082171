import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { detailOf, failureOf } from '../http/bounded-request.ts';
import { backOff, patienceSeconds, type RemoteWatch, retryAfterSeconds } from './back-off.ts';
import type { RemoteAccess } from './remote-access.ts';

const attempts = 5;

/** A question that may be asked several times. `at` holds the address that is asked, which redirects change. */
export interface RetriedRequest {
  access: RemoteAccess;
  watch: RemoteWatch;
  at: { url: string };
}

/**
 * Asks until an answer is neither 429 nor 5xx: later, as late as the host wants, and again after a broken connection. Throws
 * `remote.busy`, `remote.unreachable`, `remote.certificate`, the signal's reason, and each error of the table that `ask` throws.
 */
export async function retryRequest<T extends { status: number; headers: Record<string, string> }>(
  request: RetriedRequest,
  ask: () => Promise<T>,
): Promise<T> {
  const { access, watch, at } = request;
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === attempts;
    const answer = await unlessBroken(request, isLast, ask);
    if (answer && !isBusy(answer.status)) return answer;
    const { host } = new URL(at.url);
    const askedSeconds = answer && retryAfterSeconds(answer.headers['retry-after'], Date.now());
    if (answer && (isLast || (askedSeconds ?? 0) > patienceSeconds)) {
      const { name, way } = access;
      throw appError('remote.busy', { host, status: answer.status, waitSeconds: askedSeconds ?? 0, name, way });
    }
    await backOff(attempt, watch, { host, askedSeconds });
  }
}

/** True for answers that may be another one later. */
export function isBusy(status: number): boolean {
  return status === 429 || status >= 500;
}

/** Undefined after a broken connection that is worth another attempt. */
async function unlessBroken<T>(
  { watch, at }: RetriedRequest,
  isLast: boolean,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    watch.signal.throwIfAborted();
    if (error instanceof AppError) throw error;
    const failure = failureOf(error);
    if (!isLast && ['reset', 'timeout'].includes(failure)) return undefined;
    const { host } = new URL(at.url);
    const reason = detailOf(error);
    throw appError(failure === 'tls-certificate' ? 'remote.certificate' : 'remote.unreachable', { host, reason });
  }
}
