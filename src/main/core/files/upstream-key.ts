import { appError } from '../../../shared/errors/app-error.ts';
import type { KeySource } from '../../../shared/site-file.ts';
import { givenToken } from './given-token.ts';

/**
 * Reads the key of somebody else's model server. Throws `serving.upstream-key-unset` for a variable that is not set here, and as `givenToken`
 * for what cannot be a key.
 */
export async function readUpstreamKey(source: KeySource, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const from = 'file' in source ? { tokenFile: source.file } : { token: env[source.variable] };
  const key = await givenToken(from);
  if (key !== undefined) return key;
  throw appError('serving.upstream-key-unset', { variable: 'variable' in source ? source.variable : '' });
}
