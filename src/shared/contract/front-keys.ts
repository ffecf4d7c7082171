import { z } from 'zod';
import { call } from '../rpc/contract.ts';
import { slug } from '../site-file.ts';

const shown = { name: slug, createdAt: z.iso.datetime() };
const asked = z.strictObject({ site: slug, name: slug });

/** API keys of a site's front for clients other than the AI Gateway, each with a name that its log shows. */
export const frontKeys = {
  /** Makes a key and returns it, this once. The front accepts it from its next request on. */
  create: call(asked, z.object({ ...shown, key: z.string() }), { writes: true }),
  list: call(z.strictObject({ site: slug }), z.object({ keys: z.array(z.object(shown)) })),
  /** Revokes a key: the front refuses it from its next request on. */
  revoke: call(asked, z.object({ name: slug }), { writes: true }),
};
