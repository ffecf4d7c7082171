import { z } from 'zod';
import type { Engine } from '../../../shared/machine.ts';

const program = z.object({ executable: z.string().nullish() }).nullish().catch(null);
const libpodInfo = z.object({
  host: z.object({
    idMappings: z
      .object({ uidmap: z.array(z.object({ size: z.int().nonnegative() })).nullish() })
      .nullish()
      .catch(null),
    rootlessNetworkCmd: z.string().nullish().catch(null),
    slirp4netns: program,
    pasta: program,
  }),
});

/**
 * Returns what a rootless Podman lacks, by its answer to `/libpod/info`; nothing for any other answer. Its user has at least one ID of
 * its own; images hold files of more. Before version 5, slirp4netns is the only program for its networks.
 */
export function rootlessLacks(answer: unknown): Engine['lacks'] {
  const host = libpodInfo.safeParse(answer).data?.host;
  if (!host) return [];
  const ids = host.idMappings?.uidmap?.reduce((sum, one) => sum + one.size, 0) ?? 0;
  const network = host.rootlessNetworkCmd === 'pasta' ? 'pasta' : 'slirp4netns';
  return [
    ...(ids === 1 ? (['subordinate-ids'] as const) : []),
    ...(host[network]?.executable ? [] : ([network] as const)),
  ];
}
