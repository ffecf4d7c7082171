import { type SiteContainer, siteContainers } from '../../engine/site-containers.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { siteMark } from '../../sites/engine-owner.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { siteEngines } from './used-engine.ts';

const stopSeconds = 10;

/**
 * Restarts the containers of a site's model server, and returns their names; one that hangs is killed after 10 s. Stopped containers stay
 * stopped, and after an abort no other one is restarted. Throws `engine.*` and `site.engine-gone`.
 */
export async function restartModel(paths: SitePaths, signal: AbortSignal): Promise<string[]> {
  const restarted: string[] = [];
  for (const engine of (await siteEngines(paths)).engines) {
    const found = await siteContainers(engine, await siteMark(paths));
    const hung = found.filter(({ part, status }) => part !== 'gateway' && ['running', 'paused'].includes(status));
    for (const { id, name } of hung.sort(neededFirst)) {
      if (signal.aborted) return restarted;
      try {
        // One request, without the signal: nothing must end it between its halves, as no restart policy brings back what was stopped.
        await engine.docker.getContainer(id).restart({ t: stopSeconds });
      } catch (thrown) {
        throw translateEngineError(thrown, { address: engine.address, doing: `restart the container ${name}` });
      }
      restarted.push(name);
    }
  }
  return restarted;
}

/** LiteLLM sends its requests to Ollama. */
function neededFirst(one: SiteContainer, other: SiteContainer): number {
  return Number(one.part === 'litellm') - Number(other.part === 'litellm');
}
