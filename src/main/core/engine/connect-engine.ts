import type Docker from 'dockerode';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { isRootless } from './memory-limit.ts';
import { translateEngineError } from './translate-error.ts';

/** A container engine that responded. */
export interface Engine {
  docker: Docker;
  /** Its address, as people write it. */
  address: string;
  version: string;
  /** True for Podman behind Docker's API; its version numbers are its own. */
  isPodman: boolean;
  /**
   * When this machine has the bridges of the engine's networks: always, only while a container on the network runs, or never (for
   * rootless Podman). A rootless Docker is not told apart.
   */
  bridges: 'always' | 'while-running' | 'never';
  /** Its platform as images name it: `linux/amd64`. */
  platform: string;
  dataRoot: string;
  info: Record<string, unknown>;
}

const timeoutMs = 10_000;

/** Returns the engine's address: the requested one, otherwise `DOCKER_HOST` (empty is not set, as for Docker itself), otherwise the default socket. */
export function engineAddress(asked: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  return asked ?? (env.DOCKER_HOST || 'unix:///var/run/docker.sock');
}

/** Connects to an engine and reads its version and facts. Throws `engine.absent`, `engine.denied` or `engine.silent`. */
export async function connectEngine(address: string): Promise<Engine> {
  // Loaded on first use, because it doubles the start time of a command.
  const { default: Client } = await import('dockerode');
  const docker: Docker = new Client(dockerOptions(address));
  try {
    const [version, info] = await withTimeout(Promise.all([docker.version(), docker.info()]), address);
    const isPodman = (version.Components ?? []).some(({ Name }) => /podman/i.test(Name));
    return {
      docker,
      address,
      version: version.Version,
      isPodman,
      bridges: !isPodman ? 'always' : isRootless(info) ? 'never' : 'while-running',
      platform: `${version.Os}/${version.Arch}`,
      dataRoot: String(info.DockerRootDir),
      info: info as Record<string, unknown>,
    };
  } catch (thrown) {
    throw translateEngineError(thrown, { address, doing: 'connecting' });
  }
}

/** Returns whether an error means that no engine responds at the address. */
export function isNotThere(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'engine.absent' || error.code === 'engine.silent');
}

function dockerOptions(address: string): Docker.DockerOptions {
  const path = address.match(/^(?:unix|docker|npipe):\/\/(\/.*)$/)?.[1];
  if (path) return { socketPath: path };
  const remote = URL.canParse(address) ? new URL(address) : undefined;
  if (remote?.protocol === 'tcp:' || remote?.protocol === 'http:') {
    return { host: remote.hostname, port: Number(remote.port || 2375), protocol: 'http' };
  }
  throw appError('input.invalid', {
    what: 'engine address',
    issues: [`"${address}": write it as unix:///var/run/docker.sock or tcp://host:2375`],
  });
}

async function withTimeout<T>(work: Promise<T>, address: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(appError('engine.silent', { address, timeoutMs })), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
