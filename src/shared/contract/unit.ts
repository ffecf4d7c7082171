import { z } from 'zod';
import { finding } from '../finding.ts';
import { call } from '../rpc/contract.ts';
import { slug } from '../site-file.ts';

/** Which systemd runs the unit: the system's or the user's. Default: the system's for root, otherwise the user's. */
const scope = z.enum(['system', 'user']);
/** systemd's unit, launchd's property list (macOS), or a scheduled task (Windows). Default: that of this system. */
const format = z.enum(['systemd', 'launchd', 'windows']);
const asked = z.object({ site: slug, scope: scope.optional() });
const placed = z.object({ site: slug, scope, path: z.string() });

/** A site's service as a unit of the system, which starts it again after a reboot. Only systemd's can be installed by Sealift. */
export const unit = {
  /** Returns the unit as it would be installed, with its place, and for the other formats the command that makes it known. */
  print: call(
    asked.extend({ format: format.optional() }),
    placed.extend({ format, text: z.string(), register: z.string().optional() }),
  ),
  /**
   * Writes and enables the unit; a running service is not affected. Findings list anything else that is needed; `unit.starts-at-boot`: to
   * start the service again, so that systemd runs it. `exposure` is how `systemd-analyze security` rates the unit, as "6.3 MEDIUM".
   */
  install: call(asked, placed.extend({ exposure: z.string(), findings: z.array(finding) }), { writes: true }),
  /** Removes the site's units; a running service is not affected. */
  remove: call(z.object({ site: slug }), z.object({ site: slug, removed: z.array(z.string()) }), { writes: true }),
};
