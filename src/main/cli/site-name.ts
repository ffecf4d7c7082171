import { resolve } from 'node:path';
import type { Session } from './cli.ts';

/** Returns the name of the deployed site that a command line names by file or by name; without either, the only one. Throws as the core does. */
export async function siteName(session: Session, file: string | undefined, site: string | undefined): Promise<string> {
  // An empty name, as from an unset variable in a script, must not mean the only existing site.
  const asked = { ...(file !== undefined && { siteFile: resolve(file) }), ...(site !== undefined && { site }) };
  return (await session.client.site.resolve(asked)).site;
}
