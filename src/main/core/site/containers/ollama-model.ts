import { statfs } from 'node:fs/promises';
import { z } from 'zod';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { Engine } from '../../engine/connect-engine.ts';
import { execInContainer } from '../../engine/exec-in-container.ts';
import { type SiteMark, siteFilter } from '../../engine/labels.ts';
import type { PlannedContainer } from '../../engine/planned-container.ts';
import { boundedRequest } from '../../http/bounded-request.ts';
import { lastShownLine } from '../../processes/shown-line.ts';
import { ollamaModelfile } from '../../serving/containers/ollama-container.ts';

/** The model that Ollama must hold: its name, the SHA-256 of the GGUF in hex, and the size of Ollama's copy. */
export interface OllamaModel {
  name: string;
  ggufSha256: string;
  sizeBytes: number;
}

const timeoutMs = 10_000;
const slackBytes = 16 * 1024 * 1024;
const shownModel = z.object({ modelfile: z.string().max(1_000_000) });

/** True when the running server has the model, made from these weights: Ollama names its blobs by their SHA-256. */
export async function hasOllamaModel(
  engine: Engine,
  server: PlannedContainer,
  model: OllamaModel,
  mark: SiteMark,
): Promise<boolean> {
  if (!(await runningId(engine, server, mark))) return false;
  const url = server.health.url.replace(/version$/, 'show');
  const answer = await boundedRequest({ method: 'POST', url, json: { model: model.name }, timeoutMs });
  if (answer.kind !== 'answer' || answer.status !== 200) return false;
  try {
    return shownModel.parse(JSON.parse(answer.text)).modelfile.includes(model.ggufSha256);
  } catch {
    return false;
  }
}

/**
 * Throws `space.short` when the engine's filesystem has no room for Ollama's copy of the weights. A filesystem that is not
 * visible here passes.
 */
export async function requireRoom({ dataRoot }: Engine, { sizeBytes }: OllamaModel): Promise<void> {
  const found = await statfs(dataRoot).catch(() => undefined);
  if (!found) return;
  const freeBytes = found.bavail * found.bsize;
  const neededBytes = sizeBytes + slackBytes;
  if (freeBytes < neededBytes) throw appError('space.short', { path: dataRoot, neededBytes, freeBytes });
}

/** Has Ollama create the model from the mounted weights, unless it exists. Throws `space.short`, `site.ollama-model`. */
export async function makeOllamaModel(
  engine: Engine,
  server: PlannedContainer,
  model: OllamaModel,
  mark: SiteMark,
  signal: AbortSignal,
): Promise<void> {
  if (await hasOllamaModel(engine, server, model, mark)) return;
  await requireRoom(engine, model);
  const id = await runningId(engine, server, mark);
  const failed = (problem: string) =>
    appError('site.ollama-model', { name: model.name, problem, dataRoot: engine.dataRoot });
  if (!id) throw failed('its container is not running');
  const done = await execInContainer(engine, id, ['ollama', 'create', model.name, '-f', ollamaModelfile], signal);
  if (!done) throw failed('the image does not contain the program ollama');
  if (done.exitCode !== 0) throw failed(lastShownLine(done.output));
}

async function runningId(engine: Engine, { spec }: PlannedContainer, mark: SiteMark): Promise<string | undefined> {
  const filters = { ...siteFilter(mark, spec.part), status: ['running'] };
  return (await engine.docker.listContainers({ filters }))[0]?.Id;
}
