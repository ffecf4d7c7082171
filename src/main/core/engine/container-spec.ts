import type Docker from 'dockerode';
import { sha256Hex } from '../files/sha256.ts';
import { canonicalJson } from '../signing/canonical-json.ts';
import { labelKeys, siteLabels } from './labels.ts';

/** A container as Sealift creates it. Everything that matters is stated, and nothing of it is left to the engine's defaults. */
export interface ContainerSpec {
  site: string;
  part: string;
  /** Container name, `sealift-<site>-<part>`. */
  name: string;
  /** Local image ID, so that containers run the imported image even if its tag moves. */
  imageId: string;
  /** Runs instead of the image's own program. */
  entrypoint?: string[];
  command?: string[];
  env: Record<string, string>;
  /** Names of variables in `env` whose values are secrets: shown as `[hidden]`, hashed in the label. */
  secretEnv: string[];
  /** `address`: a fixed IPv4 address, on networks with a subnet of their own. */
  networks: { name: string; aliases: string[]; address?: string }[];
  ports: { containerPort: number; hostIp: string; hostPort: number }[];
  mounts: { source: string; target: string; readOnly: boolean; kind: 'bind' | 'volume' }[];
  /** Digests of mounted store content. A running container keeps the folder that existed when it started. */
  holds: string[];
  tmpfs: string[];
  /** `name:address` lines for the container's hosts file; `host-gateway` is the host. */
  extraHosts: string[];
  memoryBytes?: number;
  cpus?: number;
  /** The most processes and threads. */
  pidsLimit?: number;
  shmBytes?: number;
  gpu?: GpuAccess;
  readOnlyRoot: boolean;
  dropCapabilities: boolean;
  /** Stays ended once it has ended, also when the engine restarts. */
  isOneTime?: true;
  simulated: boolean;
}

/**
 * How a container accesses GPUs: by the NVIDIA runtime, CDI device names, or AMD's device files (ROCm's documentation for Docker). Without
 * `numbers` it gets all. Of AMD's it sees all device files, and uses those of its numbers.
 */
export type GpuAccess =
  | { kind: 'nvidia-runtime'; numbers?: number[] }
  | { kind: 'cdi'; devices: string[] }
  | { kind: 'amd-devices'; numbers?: number[] };

/** Returns the GPUs that a container gets, as its engine names them; undefined for all. */
export function gpuNames(gpu: GpuAccess): string[] | undefined {
  if (gpu.kind !== 'cdi') return gpu.numbers?.map(String);
  return gpu.devices.some((one) => one.endsWith('=all')) ? undefined : gpu.devices;
}

const logMaxSize = '10m';
const logFiles = '5';

/** Returns the SHA-256 of a specification in hex. Equal hashes mean equal containers. */
export function specHash(spec: ContainerSpec): string {
  return sha256Hex(canonicalJson(spec));
}

/** Returns the API request that creates the container for an owner. It has only the first network; the others are joined before the start. */
export function createOptions(spec: ContainerSpec, owner: string): Docker.ContainerCreateOptions {
  const [first] = spec.networks;
  return {
    name: spec.name,
    Image: spec.imageId,
    ...(spec.entrypoint && { Entrypoint: spec.entrypoint }),
    ...(spec.command && { Cmd: spec.command }),
    Env: Object.entries({ ...spec.env, ...gpuEnvironment(spec.gpu) }).map(([name, value]) => `${name}=${value}`),
    Labels: {
      ...siteLabels({ site: spec.site, owner }),
      [labelKeys.part]: spec.part,
      [labelKeys.spec]: specHash(spec),
      ...(spec.simulated && { [labelKeys.simulated]: 'true' }),
    },
    ExposedPorts: Object.fromEntries(spec.ports.map((port) => [`${port.containerPort}/tcp`, {}])),
    HostConfig: hostConfig(spec),
    ...(first && { NetworkingConfig: { EndpointsConfig: { [first.name]: endpointConfig(first) } } }),
  };
}

/** How a container joins one of its networks. */
export function endpointConfig({ aliases, address }: ContainerSpec['networks'][number]): Docker.EndpointSettings {
  return { Aliases: aliases, ...(address && { IPAMConfig: { IPv4Address: address } }) } as Docker.EndpointSettings;
}

function hostConfig(spec: ContainerSpec): Docker.HostConfig {
  return {
    RestartPolicy: { Name: spec.isOneTime ? 'no' : 'unless-stopped' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': logMaxSize, 'max-file': logFiles } },
    PortBindings: Object.fromEntries(
      spec.ports.map((port) => [
        `${port.containerPort}/tcp`,
        [{ HostIp: port.hostIp, HostPort: String(port.hostPort) }],
      ]),
    ),
    Mounts: spec.mounts.map((mount) => ({
      Type: mount.kind,
      Source: mount.source,
      Target: mount.target,
      ReadOnly: mount.readOnly,
    })),
    Tmpfs: Object.fromEntries(spec.tmpfs.map((path) => [path, 'rw,nosuid,nodev'])),
    ExtraHosts: spec.extraHosts,
    ReadonlyRootfs: spec.readOnlyRoot,
    SecurityOpt: ['no-new-privileges'],
    ...(spec.dropCapabilities && { CapDrop: ['ALL'] }),
    ...(spec.memoryBytes && { Memory: spec.memoryBytes, MemorySwap: spec.memoryBytes }),
    ...(spec.cpus && { NanoCpus: Math.round(spec.cpus * 1e9) }),
    ...(spec.pidsLimit && { PidsLimit: spec.pidsLimit }),
    ...(spec.shmBytes && { ShmSize: spec.shmBytes }),
    ...(spec.networks[0] && { NetworkMode: spec.networks[0].name }),
    ...gpuConfig(spec.gpu),
  };
}

/* ROCm documentation, GPU isolation techniques. */
function gpuEnvironment(gpu: ContainerSpec['gpu']): Record<string, string> {
  return gpu?.kind === 'amd-devices' && gpu.numbers ? { ROCR_VISIBLE_DEVICES: gpu.numbers.join(',') } : {};
}

function gpuConfig(gpu: ContainerSpec['gpu']): Docker.HostConfig {
  if (!gpu) return {};
  if (gpu.kind === 'amd-devices') {
    const devices = ['/dev/kfd', '/dev/dri'].map((path) => {
      return { PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rwm' };
    });
    return { Devices: devices, GroupAdd: ['video'] };
  }
  if (gpu.kind === 'cdi') return { DeviceRequests: [{ Driver: 'cdi', DeviceIDs: gpu.devices }] };
  // Docker takes either a count or names, which are nvidia-smi's numbers.
  const which = gpu.numbers ? { DeviceIDs: gpu.numbers.map(String) } : { Count: -1 };
  return { DeviceRequests: [{ Driver: 'nvidia', ...which, Capabilities: [['gpu']] }] };
}
