import type { ReactNode } from 'react';
import type { WizardStep } from '../../shared/contract/wizard.ts';
import { StateMark } from './state-mark.tsx';
import { TrustBadge } from './trust-badge.tsx';
import './request-path.css';

/** One station of a request. `mark` is what its own process says of itself; absent where nobody measured it. */
export interface Station {
  name: string;
  lines: readonly string[];
  mark?: WizardStep['status'];
  isSimulated: boolean;
}

/** Draws the path of a request as boxes, from GitLab to the model. A line is solid green only between two stations that are both well. */
export function RequestPath({ label, stations }: { label: string; stations: readonly Station[] }) {
  const isWell = (at: number) => stations[at]?.mark === 'done';
  return (
    <ol className="sl-path" aria-label={label}>
      {stations.map((station, at) => (
        <li key={station.name} className="sl-path-hop" data-well={isWell(at) && isWell(at + 1)}>
          <div className="sl-path-station">
            <div className="sl-path-name">
              {station.mark && <StateMark status={station.mark} wordless />} {station.name}
            </div>
            {station.lines.map((line) => (
              <div key={line} className="sl-box-line">
                {beforePorts(line)}
              </div>
            ))}
            {station.isSimulated && <TrustBadge mark="simulated" />}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Lets a long address break before its port, so that no number is torn apart. */
function beforePorts(line: string): ReactNode[] {
  return line.split(/(?=:\d)/).flatMap((part, at) => (at === 0 ? [part] : [<wbr key={part} />, part]));
}
