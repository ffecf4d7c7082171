import { appError } from '../../../../shared/errors/app-error.ts';
import { connectEngine, type Engine, isNotThere } from '../../engine/connect-engine.ts';

/**
 * Connects to an engine that a site used. For one that does not answer it throws `site.engine-gone`, which explains how to
 * continue without it, or with `leave` returns undefined. Otherwise throws as `connectEngine` does.
 */
export async function usedEngine(site: string, address: string, leave: boolean): Promise<Engine | undefined> {
  try {
    return await connectEngine(address);
  } catch (error) {
    if (!isNotThere(error)) throw error;
    if (leave) return undefined;
    throw appError('site.engine-gone', { site, address }, error);
  }
}
