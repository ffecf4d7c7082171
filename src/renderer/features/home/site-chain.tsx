import { partHealth } from '../../../shared/part-health.ts';
import { homeText as text } from '../../text/home.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { TrustBadge } from '../../ui/trust-badge.tsx';
import { nameOfPart, type Sites } from './home-store.ts';

type Site = Sites['sites'][number];
type Part = Sites['parts'][number];

interface Node {
  name: string;
  mark: 'working' | 'done' | 'look' | 'blocked' | 'todo';
  words: string;
  isSimulated: boolean;
}

/** Draws the way of a request through a site, from GitLab to the model, with the present state of each part. */
export function SiteChain({ site, parts }: { site: Site; parts: readonly Part[] }) {
  const nodes = ['gitlab', 'gateway', 'front', 'model'].map((name) => {
    const part = parts.find((one) => one.name === name);
    if (part) return ofPart(part);
    return name === 'gitlab' ? ofGitlab(site) : elsewhere(name);
  });
  return (
    <ol className="sl-way" aria-label={text.way}>
      {nodes.map((node) => (
        <li key={node.name} className="sl-way-hop" data-mark={node.mark}>
          <div className="sl-way-node">
            <div className="sl-way-name">
              <StateMark status={node.mark} wordless /> {node.name}
            </div>
            <div className="sl-box-line">{node.words}</div>
            {node.isSimulated && <TrustBadge mark="simulated" />}
          </div>
        </li>
      ))}
    </ol>
  );
}

function ofPart(part: Part): Node {
  const { word, mark } = partHealth[part.state];
  const words = [word, part.version].filter(Boolean).join(' · ');
  return { name: nameOfPart(part.name), mark, words, isSimulated: part.simulated === true };
}

/* An existing gateway or model server: only the probe asks it. */
function elsewhere(name: string): Node {
  return { name: nameOfPart(name), mark: 'todo', words: text.elsewhere, isSimulated: false };
}

/* GitLab is no part of the site: what is known about it is whether its settings were read back. */
function ofGitlab({ gitlabSettings }: Site): Node {
  const [mark, words] = (
    {
      set: ['done', text.settingsSet],
      differs: ['look', text.settingsDiffer],
      absent: ['todo', text.settingsAbsent],
    } as const
  )[gitlabSettings ?? 'absent'];
  return { name: nameOfPart('gitlab'), mark, words, isSimulated: false };
}
