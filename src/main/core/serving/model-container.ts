import type { GpuAccess } from '../engine/container-spec.ts';
import type { LocalImage, PlannedContainer } from '../engine/planned-container.ts';
import { addressIn } from '../engine/subnets.ts';
import { slowReadMs } from './slow-read.ts';

/** What a model server's container is made of beside the site file. */
export interface ModelContainerFacts {
  image: LocalImage;
  /** Of the model's network, as `address/bits`. */
  subnet: string;
  gpu: GpuAccess | undefined;
  weights: { path: string; sizeBytes: number; sha256: string };
}

/** Containers of a model server, and where it answers for the front: a base URL ending in /v1. */
export interface PlannedModelServer {
  containers: PlannedContainer[];
  upstreamUrl: string;
}

/** The address of the model server in its network. */
export function modelAddress(subnet: string): string {
  return addressIn(subnet, 2);
}

/** The address of LiteLLM in the network of the model server. */
export function litellmAddress(subnet: string): string {
  return addressIn(subnet, 3);
}

const startMs = 600_000;

/** How long a server may take to load weights of a size, which it may read twice. */
export function loadTimeoutMs(sizeBytes: number): number {
  return startMs + 2 * slowReadMs(sizeBytes);
}
