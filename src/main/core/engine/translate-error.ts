import { userInfo } from 'node:os';
import { AppError, appError } from '../../../shared/errors/app-error.ts';

interface EngineFailure {
  code?: string;
  statusCode?: number;
  reason?: string;
  message?: string;
}

/** How Podman reports a program that it needs and cannot run; what is missing in a container reads otherwise. */
const missingProgram =
  /(?:checking |find \W?|exec: \W?)(slirp4netns|netavark|aardvark-dns|newuidmap|newgidmap|fuse-overlayfs|conmon|pasta)\b/;

/**
 * Translates what an engine call threw into an error with a remedy. `doing` names the call. An engine that is absent after
 * `connecting` has stopped.
 */
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
  if (/insufficient UIDs or GIDs/.test(failure.message ?? '')) return appError('engine.no-subuid', { address }, thrown);
  const program = missingProgram.exec(failure.message ?? '')?.[1];
  if (program) return appError('engine.lacks-program', { program, address }, thrown);
  return appError('engine.refused', { what: doing, status: failure.statusCode ?? 0 }, thrown);
}
