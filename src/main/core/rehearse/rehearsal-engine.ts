import { statfs } from 'node:fs/promises';
import { bytesText } from '../../../shared/bytes-text.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { connectEngine, type Engine, engineAddress } from '../engine/connect-engine.ts';
import type { SiteMark } from '../engine/labels.ts';
import { ensureNetwork, removeSiteObjects } from '../engine/networks-and-volumes.ts';
import { gatewayNetwork } from '../engine/planned-container.ts';
import { addressIn, networkSubnet } from '../engine/subnets.ts';
import { translateEngineError } from '../engine/translate-error.ts';
import { sha256Hex } from '../files/sha256.ts';
import { listenProblem } from '../processes/port-owner.ts';
import { markEngine } from './marked-engines.ts';
import { type NodeProgram, nodeProgram } from './node-program.ts';
import type { RehearsalFolder } from './rehearsal-folder.ts';

/**
 * The name of a rehearsal in an engine: the same for each rehearsal of one data folder in one folder, different for all others.
 */
export interface EngineMarks extends SiteMark {
  /** Label of its images. */
  labels: Record<string, string>;
  reference: string;
}

/** An engine that can run the rehearsal's gateway, and what its image is made from. */
export interface RehearsalEngine {
  isUsed: true;
  engine: Engine;
  program: NodeProgram;
}

/** Why a rehearsal runs without Docker, in words that follow a colon. */
export interface NoDocker {
  isUsed: false;
  reason: string;
}

const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };
/** Room for the image in the engine, on the media, in the store and in the engine again. */
const neededBytes = 1024 ** 3;

/**
 * Returns the names for a rehearsal in this folder. `owner` identifies the data folder, since another one may use the same path.
 */
export function engineMarks(root: string, owner: string): EngineMarks {
  const id = sha256Hex(`${owner}\n${root}`).slice(0, 8);
  return {
    site: `rehearsal-${id}`,
    owner,
    labels: { 'app.sealift.rehearsal': id },
    reference: `simulated.invalid/rehearsal-${id}/model-gateway:self-hosted-v18.9.0-ee`,
  };
}

/**
 * Returns this machine's engine, or why the rehearsal runs without one. The front and the simulated GitLab must listen on an
 * address of the engine's network, which is tried with a temporary network.
 */
export async function chooseRehearsalEngine(
  isAsked: boolean,
  folder: Pick<RehearsalFolder, 'root' | 'engineMark'>,
  marks: EngineMarks,
  nodePath: string,
): Promise<RehearsalEngine | NoDocker> {
  if (!isAsked) return without('--no-docker was given');
  if (process.platform !== 'linux') return without('a rehearsal uses containers on Linux only');
  try {
    const engine = await connectEngine(engineAddress(undefined));
    await markEngine(folder, engine.address);
    // The folder of a killed rehearsal may have been removed.
    await clearEngine(engine, marks);
    const reason = (await whyElsewhere(engine, marks)) ?? (await whyTooSmall([folder.root, engine.dataRoot]));
    if (reason) return without(reason);
    const program = await nodeProgram(nodePath);
    return program ? { isUsed: true, engine, program } : without('ldd does not list the libraries that Node needs');
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code.startsWith('engine.'))
      return without(thrown.wire.message.replace(/\.$/, ''));
    throw thrown;
  }
}

function without(reason: string): NoDocker {
  return { isUsed: false, reason };
}

/** Removes everything that rehearsals of one folder left in an engine. Throws `engine.*`. */
export async function clearEngine(engine: Engine, marks: EngineMarks): Promise<void> {
  const { docker, address } = engine;
  await removeSiteObjects(engine, marks, { keepVolumes: false });
  const label = Object.entries(marks.labels).map(([key, value]) => `${key}=${value}`);
  try {
    for (const { Id } of await docker.listImages({ all: true, filters: { label } }))
      await docker.getImage(Id).remove({ force: true });
  } catch (thrown) {
    throw translateEngineError(thrown, { address, doing: 'remove the images of a rehearsal' });
  }
}

async function whyElsewhere(engine: Engine, marks: EngineMarks): Promise<string | undefined> {
  const { address, platform } = engine;
  const own = `linux/${architectures[process.arch]}`;
  if (platform !== own) return `the engine at ${address} runs ${platform}, but this machine is ${own}`;
  const { site, owner } = marks;
  const network = { site, owner, name: gatewayNetwork(site), internal: false };
  const subnet = await networkSubnet(engine, { ...network, asked: undefined }, []);
  await ensureNetwork(engine, { ...network, subnet });
  const problem = await listenProblem(addressIn(subnet, 1), 0);
  await clearEngine(engine, marks);
  return problem && `the networks of the engine at ${address} are not on this machine`;
}

async function whyTooSmall(paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await statfs(path).catch(() => undefined);
    if (found && found.bavail * found.bsize < neededBytes)
      return `less than ${bytesText(neededBytes)} is free on the filesystem of ${path}`;
  }
  return undefined;
}
