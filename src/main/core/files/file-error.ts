import { AppError, appError } from '../../../shared/errors/app-error.ts';

const plainWords: Record<string, string> = {
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'this process has too many files open',
  ENFILE: 'this machine has too many files open',
  EBUSY: 'it is in use',
  ETXTBSY: 'it is being run',
  ENOTEMPTY: 'the folder is not empty',
  EXDEV: 'it is on another filesystem',
  EFBIG: 'its filesystem takes no file of that size',
};

const refusesBytes = 'its filesystem refuses more bytes; it may be full, or smaller than it claims';

/**
 * Translates a file system's error into one of the table: `file.missing` (named by `what`), `file.denied`, `space.ran-out`, `medium.gone`,
 * otherwise `file.failed` with the system's code. Returns any other error unchanged.
 */
export function fileError(path: string, action: 'read' | 'write', thrown: unknown, what?: string): unknown {
  if (thrown instanceof AppError) return thrown;
  const { code, syscall } = (thrown ?? {}) as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      // Filesystems that allow no new folders, such as /proc, answer mkdir with ENOENT.
      if (syscall === 'mkdir') return appError('file.denied', { path, action }, thrown);
      return missing(path, action, thrown, what);
    case 'ENOTDIR':
    case 'EISDIR':
      return action === 'read'
        ? missing(path, action, thrown, what)
        : appError('file.denied', { path, action, obstacle: code === 'EISDIR' ? 'folder' : 'no-folder' }, thrown);
    case 'EROFS':
      return appError('file.denied', { path, action, obstacle: 'read-only' }, thrown);
    case 'EACCES':
    case 'EPERM':
    case 'EEXIST':
      // Who may open a file may write to it: a driver in user space says so of a full filesystem.
      if (syscall === 'write') return appError('file.failed', { path, action, reason: refusesBytes }, thrown);
      return appError('file.denied', { path, action }, thrown);
    case 'ENOSPC':
    case 'EDQUOT':
      return appError('space.ran-out', { path }, thrown);
    case 'EIO':
    case 'ENODEV':
    case 'ENXIO':
    case 'ESTALE':
    // A driver in user space has ended, or its connection.
    case 'ENOTCONN':
    case 'ECONNABORTED':
    case 'EUNKNOWN':
      return appError('medium.gone', { path }, thrown);
    default:
      return code !== undefined && (syscall !== undefined || code in plainWords)
        ? appError('file.failed', { path, action, reason: plainWords[code] ?? code }, thrown)
        : thrown;
  }
}

function missing(path: string, action: 'read' | 'write', thrown: unknown, what?: string): AppError {
  return appError(
    'file.missing',
    { path, what: what ?? (action === 'read' ? 'A needed file' : 'The folder to write to') },
    thrown,
  );
}
