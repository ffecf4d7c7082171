import { appError } from '../../../shared/errors/app-error.ts';
import type { KeySource } from '../../../shared/site-file.ts';
import { givenToken } from './given-token.ts';

/** Where a key is, and the field of the site file that says so. */
export type NamedKey = KeySource & { field: string };

/**
 * Reads the key of somebody else's server or platform, which `field` of the site file names. Throws `serving.upstream-key-unset` for a
 * variable that is not set here, and as `givenToken` for what cannot be a key.
 */
export async function readUpstreamKey(
  source: KeySource,
  field = 'endpointKey',
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const from = 'file' in source ? { tokenFile: source.file } : { token: env[source.variable] };
  const key = await givenToken(from);
  if (key !== undefined) return key;
  throw appError('serving.upstream-key-unset', { variable: 'variable' in source ? source.variable : '', field });
}
