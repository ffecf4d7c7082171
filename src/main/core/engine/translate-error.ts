import { userInfo } from 'node:os';
import { AppError, appError } from '../../../shared/errors/app-error.ts';

interface EngineFailure {
  code?: string;
  statusCode?: number;
  reason?: string;
  message?: string;
}

/** What an engine call threw, as an error with a way out. `doing` names the call; an engine that is away after `connecting` went away. */
export function translateEngineError(
  thrown: unknown,
  context: { address: string; doing: string; dataRoot?: string },
): AppError {
  if (thrown instanceof AppError) return thrown;
  const failure = (thrown ?? {}) as EngineFailure;
  const { address, doing } = context;
  if (failure.code === 'ENOENT' || failure.code === 'ECONNREFUSED' || failure.code === 'ENOTFOUND')
    return doing === 'connecting'
      ? appError('engine.absent', { address }, thrown)
      : appError('engine.gone', { while: doing }, thrown);
  if (failure.code === 'EACCES' || failure.code === 'EPERM')
    return appError('engine.denied', { address, user: userInfo().username }, thrown);
  if (
    failure.code === 'ECONNRESET' ||
    failure.code === 'EPIPE' ||
    /socket hang up|aborted|context canceled/i.test(failure.message ?? '')
  ) {
    return appError('engine.gone', { while: doing }, thrown);
  }
  if (/no space left on device/i.test(failure.message ?? ''))
    return appError('engine.full', { dataRoot: context.dataRoot ?? 'its data root' }, thrown);
  return appError('engine.refused', { what: doing, status: failure.statusCode ?? 0 }, thrown);
}
