import { chmod } from 'node:fs/promises';
import { contract } from '../../../shared/contract/index.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { connectEngine } from '../engine/connect-engine.ts';
import { markedEngines, unmarkEngine } from './marked-engines.ts';
import { clearEngine } from './rehearsal-engine.ts';
import { clearFolder, hasLeftovers } from './rehearsal-folder.ts';
import { type BareStage, withCore } from './rehearsal-stage.ts';

/**
 * Stops and removes everything that a rehearsal in this folder left, in the engine too, except its report. It warns about an
 * engine that does not answer; the next rehearsal in this folder removes the rest there.
 */
export async function clearRehearsal(stage: BareStage): Promise<void> {
  const { folder } = stage;
  if (await hasLeftovers(folder)) await uninstallSites(stage);
  await clearMarkedEngines(stage);
  for (const medium of folder.media) await chmod(medium, 0o700).catch(() => undefined);
  await clearFolder(folder);
}

function uninstallSites(stage: BareStage): Promise<void> {
  return withCore(stage, stage.folder.home, async ({ client, follow }) => {
    const { sites } = await client.site.status({});
    for (const { name } of sites) {
      try {
        await follow(contract.site.uninstall, client.site.uninstall({ site: name }));
      } catch (error) {
        // Its processes are stopped by now; `clearMarkedEngines` reports on the engine.
        if (!isOfEngine(error)) throw error;
      }
    }
  });
}

async function clearMarkedEngines({ folder, marks, work }: BareStage): Promise<void> {
  for (const address of await markedEngines(folder)) {
    try {
      await clearEngine(await connectEngine(address), marks);
      await unmarkEngine(folder, address);
    } catch (error) {
      if (!isOfEngine(error)) throw error;
      work.warn(`${error.wire.message} The next rehearsal in this folder removes what is left there.`);
    }
  }
}

function isOfEngine(error: unknown): error is AppError {
  return error instanceof AppError && error.code.startsWith('engine.');
}
