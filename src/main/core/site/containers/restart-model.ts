import type { Engine } from '../../engine/connect-engine.ts';
import type { SiteMark } from '../../engine/labels.ts';
import { type SiteContainer, siteContainers } from '../../engine/site-containers.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { pauses } from '../../processes/pauses.ts';
import { siteMark } from '../../sites/engine-owner.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { siteEngines } from './used-engine.ts';

/** The parts that serve a site's only model. */
const onlyModelParts = ['model', 'ollama', 'litellm'];
const stopSeconds = 10;
/** Longer than an engine needs to restart one container that hangs. */
const longestRestartMs = 40_000;

/** A restart that a service asked for: since when, and of which part where a site has several models. */
export interface PendingRestart {
  since: string;
  part?: string | undefined;
}

/**
 * Restarts the containers of a site's model server, or of several models the one of `part`, and returns their names; one that hangs is killed
 * after 10 s. Stopped containers stay stopped, and after an abort no other one is restarted. Throws `engine.*` and `site.engine-gone`.
 */
export async function restartModel(paths: SitePaths, signal: AbortSignal, part?: string): Promise<string[]> {
  const restarted: string[] = [];
  for (const engine of (await siteEngines(paths)).engines) {
    const found = await siteContainers(engine, await siteMark(paths));
    const hung = found.filter((one) => isOf(one, part) && ['running', 'paused'].includes(one.status));
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

/** Waits until an engine has finished the restart of a model server's containers that a killed service asked for at `since`. */
export async function endOfRestart(
  engine: Engine,
  mark: SiteMark,
  { since, part }: PendingRestart,
  signal: AbortSignal,
): Promise<void> {
  const began = Date.parse(since);
  const pause = pauses(500, signal);
  while (Date.now() - began < longestRestartMs) {
    signal.throwIfAborted();
    const servers = (await siteContainers(engine, mark)).filter((one) => isOf(one, part));
    if (servers.every((one) => Date.parse(one.startedAt) > began)) return;
    await pause();
  }
}

function isOf(one: SiteContainer, part: string | undefined): boolean {
  return part === undefined ? onlyModelParts.includes(one.part) : one.part === part;
}

/** LiteLLM sends its requests to Ollama. */
function neededFirst(one: SiteContainer, other: SiteContainer): number {
  return Number(one.part === 'litellm') - Number(other.part === 'litellm');
}
