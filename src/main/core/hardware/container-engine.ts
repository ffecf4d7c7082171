import { access } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import type { Engine } from '../../../shared/machine.ts';
import { isRootless } from '../engine/memory-limit.ts';
import { bareHost, isLoopback } from '../http/network-host.ts';
import { firstShownLine } from '../processes/shown-line.ts';
import { type Collected, unknownFact } from './collected.ts';
import { rootlessLacks } from './podman-info.ts';

const word = z.string().transform(firstShownLine).nullish().catch(null);

/* What an engine answers is checked field by field: one that says nonsense in one field may still be used for the others. */
const infoSchema = z.object({
  ServerVersion: word,
  Driver: word,
  DriverStatus: z.array(z.array(z.string())).max(200).nullish().catch(null),
  DockerRootDir: word,
  CgroupVersion: word,
  OperatingSystem: word,
  MemoryLimit: z.boolean().nullish().catch(null),
  Runtimes: z.record(z.string(), z.unknown()).nullish().catch(null),
  SecurityOptions: z.array(z.string()).max(100).nullish().catch(null),
  Rootless: z.boolean().nullish().catch(null),
  DiscoveredDevices: z
    .array(z.object({ Source: z.string(), ID: z.string() }))
    .max(1000)
    .nullish()
    .catch(null),
});
const versionSchema = z.object({
  Components: z
    .array(z.object({ Name: z.string() }))
    .nullish()
    .catch(null),
});

/** How an engine is reached: a socket (or named pipe), or a host and port. */
export type EngineAddress =
  | { kind: 'socket'; path: string }
  | { kind: 'tcp'; host: string; port: number; text: string }
  | { kind: 'unusable'; text: string };

/** Reads `DOCKER_HOST`. Schemes that would need another program (ssh) are `unusable`. */
export function parseDockerHost(text: string): EngineAddress {
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(text)?.[1];
  if (socket) return { kind: 'socket', path: socket };
  const tcp = /^(?:tcp|https?):\/\/(\[[0-9a-f:]+\]|[^:/\s]+)(?::(\d{1,5}))?\/?$/i.exec(text);
  const port = Number(tcp?.[2] ?? 2375);
  if (!tcp?.[1] || port > 65535) return { kind: 'unusable', text: firstShownLine(text) };
  return { kind: 'tcp', host: bareHost(tcp[1]), port, text: firstShownLine(text) };
}

/** The facts in an engine's answers to `/info` and `/version`; null where an answer is not one. */
export function engineFacts(info: unknown, version: unknown, address: string, isRemote: boolean): Engine | null {
  const parsed = infoSchema.safeParse(info);
  if (!parsed.success || !parsed.data.ServerVersion) return null;
  const components = versionSchema.safeParse(version).data?.Components?.map((one) => one.Name) ?? [];
  const { ServerVersion, Driver, DriverStatus, DockerRootDir, CgroupVersion, Runtimes, OperatingSystem, MemoryLimit } =
    parsed.data;
  const isContainerd = DriverStatus?.some((row) => row[0] === 'driver-type' && /containerd/.test(row[1] ?? ''));
  return {
    ...noEngine('running', address, isRemote),
    product: components.some((name) => /podman/i.test(name)) ? 'podman' : 'docker',
    version: ServerVersion,
    storageDriver: Driver ?? null,
    imageStore: isContainerd ? 'containerd' : 'classic',
    dataRoot: DockerRootDir ?? null,
    cgroupVersion: CgroupVersion ?? null,
    runtimes: Object.keys(Runtimes ?? {})
      .map(firstShownLine)
      .sort()
      .slice(0, 64),
    cdiDevices: (parsed.data.DiscoveredDevices ?? [])
      .filter((one) => one.Source === 'cdi')
      .map((one) => firstShownLine(one.ID))
      .slice(0, 256),
    isRootless: parsed.data.SecurityOptions || parsed.data.Rootless ? isRootless(parsed.data) : null,
    isDesktop: OperatingSystem == null ? null : /docker desktop/i.test(OperatingSystem),
    canLimitMemory: MemoryLimit ?? null,
    isSelinuxOn: parsed.data.SecurityOptions?.some((one) => one.includes('name=selinux')) ?? null,
  };
}

/** Asks the engine that `DOCKER_HOST` names, else the first whose socket exists here. */
export async function collectEngine(
  timeoutMs: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Collected<Engine>> {
  const address = env.DOCKER_HOST ? parseDockerHost(env.DOCKER_HOST) : await firstSocket(env);
  if (address.kind === 'unusable') {
    const why = `DOCKER_HOST is ${address.text}: only unix:// and tcp:// are supported.`;
    return { facts: noEngine('not-answering', address.text, true), notKnown: [unknownFact('engine', why)] };
  }
  const isRemote = address.kind === 'tcp' && !isLoopback(address.host);
  const text = address.kind === 'socket' ? address.path : address.text;
  try {
    const docker = await clientOf(address, env);
    const abortSignal = AbortSignal.timeout(timeoutMs);
    const [info, version] = await Promise.all([docker.info({ abortSignal }), docker.version({ abortSignal })]);
    const facts = engineFacts(info, version, text, isRemote);
    const isDefault = Boolean(env.DOCKER_HOST) || text === usualSocket;
    if (facts)
      return { facts: { ...facts, isDefault, lacks: await lacksOf(facts, docker, abortSignal) }, notKnown: [] };
    const why = 'The server at this address is not an engine that Sealift supports.';
    return { facts: noEngine('not-answering', text, isRemote), notKnown: [unknownFact('engine', why)] };
  } catch (error) {
    return refused(error, text, isRemote, timeoutMs);
  }
}

/** Podman answers more at an address of its own, which Docker does not have. */
async function lacksOf({ product, isRootless }: Engine, docker: Asked, abortSignal: AbortSignal) {
  if (product !== 'podman' || isRootless !== true) return [];
  const question = { path: '/v4.0.0/libpod/info', method: 'GET', abortSignal, statusCodes: { 200: true } };
  const answer = await new Promise<unknown>((resolve) =>
    docker.modem.dial(question, (error, found) => resolve(error ? undefined : found)),
  );
  return rootlessLacks(answer);
}

function refused(error: unknown, address: string, isRemote: boolean, timeoutMs: number): Collected<Engine> {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return { facts: noEngine('absent', address, isRemote), notKnown: [] };
  if (code === 'EACCES' || code === 'EPERM')
    return { facts: noEngine('not-permitted', address, isRemote), notKnown: [] };
  const why = name === 'AbortError' || code === 'ABORT_ERR' ? `No answer within ${timeoutMs / 1000} s.` : message;
  return { facts: noEngine('not-answering', address, isRemote), notKnown: [unknownFact('engine', why)] };
}

function noEngine(state: Engine['state'], address: string, isRemote: boolean): Engine {
  return {
    state,
    address: address.slice(0, 500),
    product: null,
    version: null,
    storageDriver: null,
    imageStore: null,
    dataRoot: null,
    cgroupVersion: null,
    runtimes: [],
    cdiDevices: [],
    isRootless: null,
    isDesktop: null,
    canLimitMemory: null,
    isSelinuxOn: null,
    lacks: [],
    isDefault: true,
    isRemote,
  };
}

/** The calls in use. The library accepts a signal for them, but its types do not declare it. */
interface Asked {
  info(options: { abortSignal: AbortSignal }): Promise<unknown>;
  version(options: { abortSignal: AbortSignal }): Promise<unknown>;
  modem: { dial(options: object, callback: (error: unknown, answer: unknown) => void): void };
}

async function clientOf(address: Exclude<EngineAddress, { kind: 'unusable' }>, env: NodeJS.ProcessEnv): Promise<Asked> {
  // Loaded here and not at the top: it takes longer than most commands.
  const { default: Client } = await import('dockerode');
  return dockerFor(Client, address, env) as unknown as Asked;
}

function dockerFor(
  Client: typeof Docker,
  address: Exclude<EngineAddress, { kind: 'unusable' }>,
  env: NodeJS.ProcessEnv,
): Docker {
  if (address.kind === 'socket') return new Client({ socketPath: address.path });
  // With certificates the library reads DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH itself.
  if (env.DOCKER_TLS_VERIFY) return new Client();
  return new Client({ host: address.host, port: address.port, protocol: 'http' });
}

const usualSocket = process.platform === 'win32' ? '//./pipe/docker_engine' : '/var/run/docker.sock';

/** Returns where the sockets of engines usually are, the first to use first. */
export function usualSockets(env: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'win32') return [usualSocket];
  // Without a login session, as after su, the variable is missing and the folder may still exist.
  const runtime = env.XDG_RUNTIME_DIR ?? `/run/user/${userInfo().uid}`;
  return [
    usualSocket,
    join(runtime, 'docker.sock'),
    join(homedir(), '.docker', 'run', 'docker.sock'),
    join(runtime, 'podman', 'podman.sock'),
    '/run/podman/podman.sock',
  ];
}

async function firstSocket(env: NodeJS.ProcessEnv): Promise<EngineAddress> {
  for (const path of usualSockets(env)) {
    const isThere = await access(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'EACCES',
    );
    if (isThere) return { kind: 'socket', path };
  }
  return { kind: 'socket', path: usualSocket };
}
