import type { Remedy } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';

/** Returns the finding for a fact that needs no attention. */
export function green(id: string, title: string, howWeKnow?: string): Finding {
  return { id, severity: 'green', title, remedies: [], ...(howWeKnow && { howWeKnow }) };
}

/** An amber or red finding, which must have a consequence and at least one remedy. */
export interface Trouble {
  id: string;
  title: string;
  consequence: string;
  remedies: [Remedy, ...Remedy[]];
  howWeKnow?: string;
}

/** Returns the finding for a fact that needs attention but blocks nothing. */
export function amber(trouble: Trouble): Finding {
  return { severity: 'amber', ...trouble };
}

/** Returns the finding for a fact that blocks deployment. */
export function red(trouble: Trouble): Finding {
  return { severity: 'red', ...trouble };
}
