import { z } from 'zod';
import { finding } from '../finding.ts';
import { call } from '../rpc/contract.ts';
import { slug } from '../site-file.ts';

/** Whose systemd runs the unit: the machine's, or that of one user. Without it: the machine's for root, else the user's. */
const scope = z.enum(['system', 'user']);
const asked = z.object({ site: slug, scope: scope.optional() });
const unit = z.object({ site: slug, scope, path: z.string() });

/** A site's service as a systemd unit, so that it comes back after a reboot. */
export const service = {
  /** The unit as it would be installed. */
  print: call(asked, unit.extend({ text: z.string() })),
  /** Writes and enables it; what runs now stays as it is. A finding says what else is needed. */
  install: call(asked, unit.extend({ findings: z.array(finding) }), { writes: true }),
  /** Removes the units of the site; what runs now stays as it is. */
  remove: call(z.object({ site: slug }), z.object({ site: slug, removed: z.array(z.string()) }), { writes: true }),
};
