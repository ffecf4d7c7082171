import { appError } from '../../../../shared/errors/app-error.ts';

const timeoutMs = 10_000;
const bodyLimitBytes = 64 * 1024;

/** Checks the front's health; throws `site.front-unhealthy` with its answer unless that is 200. */
export async function frontProblem(url: string, signal: AbortSignal): Promise<undefined> {
  const unhealthy = (problem: string, cause?: unknown) => appError('site.front-unhealthy', { url, problem }, cause);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const { request } = await import('undici');
    const { statusCode, body } = await request(url, {
      signal: limit,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    await body.dump({ limit: bodyLimitBytes, signal: limit });
    if (statusCode !== 200) throw unhealthy(`it returned status ${statusCode}`);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) throw unhealthy(`it did not answer within ${timeoutMs / 1000} s`);
    throw error instanceof Error && error.name === 'AppError' ? error : unhealthy('the request failed', error);
  }
}
