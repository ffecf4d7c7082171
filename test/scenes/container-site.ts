import type { z } from 'zod';
import type { LocalImage } from '../../src/main/core/engine/planned-container.ts';
import type { siteFile } from '../../src/shared/site-file.ts';
import { modelSite } from './model-site.ts';

/** The parts of a site file that a test changes. */
export type SiteChange = {
  [K in 'gitlab' | 'gateway' | 'model' | 'front']?: Partial<z.input<typeof siteFile>[K]>;
};

/** A site file with a gateway in a container, as the schema gives it; not checked by the rules. */
export function containerSite(change: SiteChange = {}) {
  return modelSite({
    sealift: 1,
    name: 'lab',
    gitlab: { url: 'https://gitlab.example:8443/', version: '18.9', ...change.gitlab },
    gateway: { kind: 'container', host: '10.0.0.5', image: gatewayReference, ...change.gateway },
    model: { engine: 'llamacpp', name: 'm', servedName: 'served', contextTokens: 8192, ...change.model },
    front: change.front ?? {},
  });
}

export const gatewayReference = 'registry.example/model-gateway:self-hosted-v18.9.0-ee';

/** An image as the engine would show it. */
export function image(reference = gatewayReference): LocalImage {
  return { reference, imageId: `sha256:${'a'.repeat(64)}`, simulated: false, isRocm: false };
}
