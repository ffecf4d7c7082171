import { AppError, appError } from '../../../shared/errors/app-error.ts';

/** An error of the file system as one that may be shown; errors that are shown already, and those nobody foresaw, stay as they are. */
export function packIoError(
  thrown: unknown,
  path: string,
  action: 'read' | 'write',
  what = action === 'read' ? 'A source' : 'The folder to write to',
): unknown {
  if (thrown instanceof AppError) return thrown;
  // Failures come from other threads as plain data.
  const error = thrown instanceof Error ? thrown : Object.assign(new Error(), thrown);
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return appError('file.missing', { path, what }, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return appError('file.denied', { path, action }, error);
    case 'ENOSPC':
    case 'EDQUOT':
      return appError('space.ran-out', { path }, error);
    case 'EFBIG':
      return appError('pack.part-too-large', { path }, error);
    case 'EIO':
    case 'ENXIO':
    case 'ENODEV':
    case 'ESTALE':
      return appError('medium.gone', { path }, error);
    default:
      return error;
  }
}
