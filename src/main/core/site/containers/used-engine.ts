import { appError } from '../../../../shared/errors/app-error.ts';
import { connectEngine, type Engine, isNotThere } from '../../engine/connect-engine.ts';

/**
 * Connects to an engine that a site used. One that does not answer may be gone for good: `site.engine-gone` tells how to go on without
 * it, and with `leave` it is undefined. Throws what `connectEngine` throws otherwise.
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
