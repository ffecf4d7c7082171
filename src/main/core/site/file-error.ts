import { AppError, appError } from '../../../shared/errors/app-error.ts';

/** The table's error for a failed file operation; errors that have no row come back unchanged. */
export function fileError(path: string, action: 'read' | 'write', error: unknown, what = 'A needed file'): unknown {
  if (error instanceof AppError) return error;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
      return action === 'read'
        ? appError('file.missing', { path, what }, error)
        : appError('file.denied', { path, action }, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EEXIST':
      return appError('file.denied', { path, action }, error);
    case 'ENOSPC':
    case 'EDQUOT':
      return appError('space.ran-out', { path }, error);
    case 'EIO':
      return appError('medium.gone', { path }, error);
    default:
      return error;
  }
}
