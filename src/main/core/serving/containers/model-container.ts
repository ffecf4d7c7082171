import type { GpuAccess } from '../../engine/container-spec.ts';
import type { LocalImage, PlannedContainer } from '../../engine/planned-container.ts';
import { addressIn } from '../../engine/subnets.ts';
import { longestReadMs } from '../parts/longest-read.ts';

/** What planning a model server's container needs besides the site file. */
export interface ModelContainerFacts {
  image: LocalImage;
  /** The subnet of the model's network, as `address/bits`. */
  subnet: string;
  gpu: GpuAccess | undefined;
  weights: { path: string; sizeBytes: number; sha256: string };
}

/** The containers of a model server, and its base URL for the front, ending in /v1. */
export interface PlannedModelServer {
  containers: PlannedContainer[];
  upstreamUrl: string;
}

/** Returns the address of the model server in its network. */
export function modelAddress(subnet: string): string {
  return addressIn(subnet, 2);
}

/** Returns the address of LiteLLM in the model server's network. */
export function litellmAddress(subnet: string): string {
  return addressIn(subnet, 3);
}

const startMs = 600_000;

/** Returns how long a server may take to load weights of a size, which it may read twice. */
export function loadTimeoutMs(sizeBytes: number): number {
  return startMs + 2 * longestReadMs(sizeBytes);
}
