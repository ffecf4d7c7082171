import type { Remedy } from '../../../../shared/errors/define.ts';
import type { Finding } from '../../../../shared/finding.ts';

/** A fact that is as it should be. */
export function green(id: string, title: string, howWeKnow?: string): Finding {
  return { id, severity: 'green', title, remedies: [], ...(howWeKnow && { howWeKnow }) };
}

/** What a finding that is not green must have: what follows, and at least one way out. */
export interface Trouble {
  id: string;
  title: string;
  consequence: string;
  remedies: [Remedy, ...Remedy[]];
  howWeKnow?: string;
}

/** A fact to look at: work can go on. */
export function amber(trouble: Trouble): Finding {
  return { severity: 'amber', ...trouble };
}

/** A fact that blocks what the tool is for. */
export function red(trouble: Trouble): Finding {
  return { severity: 'red', ...trouble };
}
