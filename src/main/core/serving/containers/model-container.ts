import type { ModelSite } from '../../../../shared/model-sites.ts';
import type { GpuAccess } from '../../engine/container-spec.ts';
import type { LocalImage, PlannedContainer } from '../../engine/planned-container.ts';
import { addressIn } from '../../engine/subnets.ts';
import { startLimitMs } from '../parts/longest-read.ts';

/** What planning a model server's container needs besides the site file. */
export interface ModelContainerFacts {
  image: LocalImage;
  /** The subnet of the model's network, as `address/bits`. */
  subnet: string;
  gpu: GpuAccess | undefined;
  /** Which of the servers in that network it is, from 0 on. */
  place?: number;
  weights: { path: string; sizeBytes: number; sha256: string };
}

/** The containers of a model server, and its base URL for the front, ending in /v1. */
export interface PlannedModelServer {
  containers: PlannedContainer[];
  upstreamUrl: string;
}

/** Returns the address of a model server in its network. */
export function modelAddress({ subnet, place = 0 }: Pick<ModelContainerFacts, 'subnet' | 'place'>): string {
  return addressIn(subnet, 2 + place);
}

/** Returns the address of LiteLLM in the model server's network, where there is only one. */
export function litellmAddress(subnet: string): string {
  return addressIn(subnet, 3);
}

/** Returns what tells a model server of a list from the others in a title; nothing for a site's only one. */
export function ofModel({ model, part }: ModelSite): string {
  return part === undefined ? '' : ` of ${model.servedName}`;
}

/** Returns how long a server may take to load weights of a size, which it may read twice. */
export function loadTimeoutMs(sizeBytes: number): number {
  return startLimitMs(2 * sizeBytes);
}
