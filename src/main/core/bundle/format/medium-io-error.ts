import { appError } from '../../../../shared/errors/app-error.ts';
import { fileError } from '../../files/file-error.ts';

/** `fileError` for the packer: also for parts that a medium's filesystem cannot hold. */
export function packIoError(thrown: unknown, path: string, action: 'read' | 'write', what?: string): unknown {
  if ((thrown as NodeJS.ErrnoException).code === 'EFBIG') return appError('pack.part-too-large', { path }, thrown);
  return fileError(path, action, thrown, what ?? (action === 'read' ? 'A source' : undefined));
}
