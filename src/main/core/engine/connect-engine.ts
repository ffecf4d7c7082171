import type Docker from 'dockerode';
import { AppError, appError } from '../../../shared/errors/app-error.ts';
import { translateEngineError } from './translate-error.ts';

/** A container engine that answered. */
export interface Engine {
  docker: Docker;
  /** Where it listens, as people write it. */
  address: string;
  version: string;
  /** `linux/amd64`, as images name their platform. */
  platform: string;
  dataRoot: string;
  info: Record<string, unknown>;
}

const timeoutMs = 10_000;

/** The engine's address: what was asked for, else `DOCKER_HOST`, else the usual socket. */
export function engineAddress(asked: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  return asked ?? env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
}

/** Connects and asks version and facts; throws `engine.absent`, `engine.denied` or `engine.silent`. */
export async function connectEngine(address: string): Promise<Engine> {
  // Loaded when it is needed: with all that it speaks it doubles the time that a command takes to start.
  const { default: Client } = await import('dockerode');
  const docker: Docker = new Client(dockerOptions(address));
  try {
    const [version, info] = await withTimeout(Promise.all([docker.version(), docker.info()]), address);
    return {
      docker,
      address,
      version: version.Version,
      platform: `${version.Os}/${version.Arch}`,
      dataRoot: String(info.DockerRootDir),
      info: info as Record<string, unknown>,
    };
  } catch (thrown) {
    throw translateEngineError(thrown, { address, doing: 'connecting' });
  }
}

/** True for an error that says that no engine answers there. */
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
