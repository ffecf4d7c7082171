import type { NamedKey } from '../files/upstream-key.ts';
import type { ContainerSpec } from './container-spec.ts';

/** An image in the engine. */
export interface LocalImage {
  reference: string;
  imageId: string;
  /** True for stand-ins: the image carries the label `app.sealift.simulated=true`. */
  simulated: boolean;
  isRocm: boolean;
  /** The user that it runs as, as it says itself: a name or a number. Root where it says none. */
  user?: string;
}

/** What a container of a site is. */
type ContainerRole = 'gateway' | 'model' | 'ollama' | 'litellm';

/** The file of this machine that a container logs into as well as to its output. */
export interface LogFile {
  path: string;
  /** Its size in bytes when the container was last started: what is before that is of earlier runs. */
  sizeAtStart?: number;
}

/** A container of a site, derived from the site file alone. */
export interface PlannedContainer {
  title: string;
  reference: string;
  /** What it is: the row of `containers.yaml` that locks it in. Several model servers of a site have one role, and a part each. */
  role: ContainerRole;
  /** Without the values of secrets: `secrets` says which file of the site's secrets folder, or which source of its own, fills which variable. */
  spec: ContainerSpec;
  secrets: Record<string, string | NamedKey>;
  /** Healthy means that this URL answers 200 and the gRPC service, if any, reports SERVING. */
  health: {
    url: string;
    ca?: string | undefined;
    grpc?: { host: string; port: number; tls?: { ca?: string | undefined } };
  };
  /** Notes for people on how it is created. */
  notes?: string[];
  logFile?: LogFile;
  /** Time limit from its start until it is healthy. */
  startTimeoutMs: number;
}

/** Returns the name of a site's container. */
export function containerName(site: string, part: string): string {
  return `sealift-${site}-${part}`;
}

/** Returns the name of the gateway's network. */
export function gatewayNetwork(site: string): string {
  return `sealift-${site}`;
}

/** Returns the name of the model server's network, which has no route to the outside. */
export function modelNetwork(site: string): string {
  return `sealift-${site}-model`;
}

/** Memory and CPU limits of a container, from a part of the site file. */
export function limitsOf({
  memoryGiB,
  cpus,
}: {
  memoryGiB?: number | undefined;
  cpus?: number | undefined;
}): Pick<ContainerSpec, 'memoryBytes' | 'cpus'> {
  return {
    ...(memoryGiB !== undefined && { memoryBytes: Math.round(memoryGiB * 1024 ** 3) }),
    ...(cpus !== undefined && { cpus }),
  };
}
