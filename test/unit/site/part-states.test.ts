import { expect, it } from 'vitest';
import { partLine } from '../../../src/main/cli/status-lines.ts';
import { serviceFindings } from '../../../src/main/core/site/status/service-findings.ts';
import { partWords } from '../../../src/shared/part-health.ts';

type State = keyof typeof partWords;

const part = (state: State) => ({
  site: 'lab',
  name: 'front',
  kind: 'front' as const,
  version: '1',
  state,
  measured: {},
  restarts: 0,
});

/** How the terminal shows each state, and the title of its finding. */
const shown: Record<State, [line: string, finding?: string]> = {
  starting: ['◐ lab/front  starting', 'front is starting'],
  running: ['● lab/front  running'],
  restarting: ['▲ lab/front  restarting', 'front is restarting'],
  failed: ['■ lab/front  failed', 'front has failed'],
  stopped: ['○ lab/front  stopped', 'front is stopped'],
};

it.each(Object.entries(shown) as [State, (typeof shown)[State]][])(
  'a part that is %s has a line with what that means, and a finding unless all is well',
  (state, [line, finding]) => {
    const [first = '', second] = partLine(part(state)).split('\n');
    expect(first.startsWith(`${line}  `)).toBe(true);
    expect(second?.trim()).toBe(finding && partWords[state].meaning);
    const seen = { service: 'running' as const, parts: [part(state)], modelHangs: undefined, problem: undefined };
    const titles = serviceFindings('lab', { ...seen, now: new Date() }).map(({ title }) => title);
    expect(titles).toEqual(finding ? [finding] : []);
  },
);
