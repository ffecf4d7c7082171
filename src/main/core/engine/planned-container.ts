import type { ContainerSpec } from './container-spec.ts';

/** An image as the engine holds it. */
export interface LocalImage {
  reference: string;
  imageId: string;
  /** True for stand-ins: the image carries the label `app.sealift.simulated=true`. */
  simulated: boolean;
  isRocm: boolean;
}

/** A container of a site, worked out from the answers alone. */
export interface PlannedContainer {
  title: string;
  reference: string;
  /** Without the values of secrets: `secrets` says which file of the site's secrets folder fills which variable. */
  spec: ContainerSpec;
  secrets: Record<string, string>;
  /** It is well when this URL answers 200 and, where there is one, the gRPC service says SERVING. */
  health: { url: string; grpc?: { host: string; port: number } };
  /** What a person should know of how it is made. */
  notes?: string[];
  /** How long it may take from its start until it is well. */
  startTimeoutMs: number;
}

/** The name of a container of a site. */
export function containerName(site: string, part: string): string {
  return `sealift-${site}-${part}`;
}

/** The network on which the gateway is. */
export function gatewayNetwork(site: string): string {
  return `sealift-${site}`;
}

/** The network of the model server: it has no way out. */
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
