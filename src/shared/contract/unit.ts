import { z } from 'zod';
import { finding } from '../finding.ts';
import { call } from '../rpc/contract.ts';
import { slug } from '../site-file.ts';

/** Which systemd runs the unit: the system's or the user's. Default: the system's for root, otherwise the user's. */
const scope = z.enum(['system', 'user']);
const asked = z.object({ site: slug, scope: scope.optional() });
const placed = z.object({ site: slug, scope, path: z.string() });

/** A site's service as a systemd unit, which starts it again after a reboot. */
export const unit = {
  /** Returns the unit as it would be installed. */
  print: call(asked, placed.extend({ text: z.string() })),
  /** Writes and enables the unit; a running service is not affected. Findings list anything else that is needed. */
  install: call(asked, placed.extend({ findings: z.array(finding) }), { writes: true }),
  /** Removes the site's units; a running service is not affected. */
  remove: call(z.object({ site: slug }), z.object({ site: slug, removed: z.array(z.string()) }), { writes: true }),
};
