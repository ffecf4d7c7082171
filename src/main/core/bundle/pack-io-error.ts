import { appError } from '../../../shared/errors/app-error.ts';
import { fileError } from '../files/file-error.ts';

/** `fileError` for the packer: also for failures that came from another thread as plain data, and for parts that a medium's filesystem cannot hold. */
export function packIoError(thrown: unknown, path: string, action: 'read' | 'write', what?: string): unknown {
  const error = thrown instanceof Error ? thrown : Object.assign(new Error(), thrown);
  if ((error as NodeJS.ErrnoException).code === 'EFBIG') return appError('pack.part-too-large', { path }, error);
  return fileError(path, action, error, what ?? (action === 'read' ? 'A source' : undefined));
}
