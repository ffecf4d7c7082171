import { redact } from '../../../../shared/errors/app-error.ts';
import type { SiteFile } from '../../../../shared/site-file.ts';
import { demultiplex } from '../../engine/await-healthy.ts';
import { connectEngine, type Engine, engineAddress } from '../../engine/connect-engine.ts';
import type { SiteMark } from '../../engine/labels.ts';
import { type SiteContainer, siteContainers } from '../../engine/site-containers.ts';
import { translateEngineError } from '../../engine/translate-error.ts';
import { fileError } from '../../files/file-error.ts';
import { readMore, readTail } from '../../files/log-lines.ts';
import { siteMark } from '../../sites/engine-owner.ts';
import type { SitePaths } from '../../sites/site-paths.ts';
import { gatewayLogFile } from './log-folder.ts';
import { containerSiteFile } from './site-plan.ts';

/** The log of one container, read piece by piece. */
export interface ContainerLog {
  part: string;
  simulated: boolean;
  /** Returns the last lines at the first call, then the lines since the previous call. */
  more(tail: number): Promise<string[]>;
}

/** Returns the logs of a site's containers; empty for a site without containers. Throws when the engine does not answer. */
export async function containerLogs(paths: SitePaths): Promise<ContainerLog[]> {
  const file = await containerSiteFile(paths);
  if (!file) return [];
  const engine = await connectEngine(engineAddress(file.engineHost));
  const containers = await siteContainers(engine, await siteMark(paths));
  return [...containers.map((one) => readerOf(engine, one)), ...fileReaders(file, containers)];
}

/** The gateway logs into a file as well as to its output. */
function fileReaders({ gateway }: SiteFile, containers: SiteContainer[]): ContainerLog[] {
  if (gateway.kind !== 'container' || gateway.logFolder === undefined) return [];
  const part = 'gateway';
  const path = gatewayLogFile(gateway.logFolder);
  const simulated = containers.some((one) => one.part === part && one.simulated);
  let offset: number | undefined;
  const more = async (tail: number) => {
    try {
      const read = offset === undefined ? await readTail(path, tail, true) : await readMore(path, offset);
      offset = read.offset;
      return read.lines.map((line) => redact(line));
    } catch (error) {
      if (offset !== undefined) return [];
      offset = 0;
      return [`Sealift cannot read ${path}: ${(fileError(path, 'read', error) as Error).message}`];
    }
  };
  return [{ part, simulated, more }];
}

const startSeconds = 3600;
const startLineCount = 20_000;

/** Returns what a part's container logged in its first hour; empty when it is not running or its log was truncated since. */
export async function startLines(engine: Engine, mark: SiteMark, part: string): Promise<string[]> {
  const container = (await siteContainers(engine, mark)).find((one) => one.part === part && one.status === 'running');
  if (!container) return [];
  const since = Math.floor(Date.parse(container.startedAt) / 1000);
  const lines = await read(engine, container, { tail: startLineCount, since, until: since + startSeconds });
  return lines.map((line) => line.text);
}

function readerOf(engine: Engine, container: SiteContainer): ContainerLog {
  let since: string | undefined;
  const more = async (tail: number) => {
    const lines = await read(engine, container, since === undefined ? { tail } : { since });
    // The engine starts at the whole second, so lines returned before are filtered out by their exact time.
    const fresh = lines.filter((line) => since === undefined || line.at > since);
    since = lines.at(-1)?.at ?? since ?? new Date(0).toISOString();
    return fresh.map((line) => line.text);
  };
  return { part: container.part, simulated: container.simulated, more };
}

async function read(
  engine: Engine,
  { id, name }: SiteContainer,
  from: { tail: number } | { since: string } | { tail: number; since: number; until: number },
): Promise<{ at: string; text: string }[]> {
  const range = 'tail' in from ? from : { since: Math.floor(Date.parse(from.since) / 1000) };
  try {
    const raw = await engine.docker.getContainer(id).logs({ stdout: true, stderr: true, timestamps: true, ...range });
    const lines = demultiplex(Buffer.from(raw)).split('\n');
    return lines
      .filter((line) => line !== '')
      .map((line) => {
        const space = line.indexOf(' ');
        return { at: line.slice(0, space), text: redact(line.slice(space + 1)).replace(/\r$/, '') };
      });
  } catch (thrown) {
    throw translateEngineError(thrown, { address: engine.address, doing: `read the log of ${name}` });
  }
}
