import { describe, expect, it } from 'vitest';
import { statusLines } from '../../../src/main/cli/status-lines.ts';
import { siteHealth } from '../../../src/shared/site-health.ts';

type Site = Parameters<typeof siteHealth>[0];
type Severity = Parameters<typeof siteHealth>[1][number]['severity'];

const probe = { at: '2026-01-01T00:00:00.000Z', hops: 8, notChecked: 0 };
const finished: Site = { lastProbe: probe, gitlabSettings: 'set' };
const failed: Site = { ...finished, lastProbe: { ...probe, failedHop: 'The model answers' } };
const doubtful: Site = { ...finished, lastProbe: { ...probe, doubt: 'the site was changed since' } };

describe('the health of a site', () => {
  it.each<[string, Site, Severity[], ReturnType<typeof siteHealth>]>([
    ['good once everything was checked', finished, ['green'], 'done'],
    ['worth a look before the first probe', { gitlabSettings: 'set' }, [], 'look'],
    ['worth a look before GitLab is set up', { lastProbe: probe }, [], 'look'],
    ['worth a look if settings differ', { ...finished, gitlabSettings: 'differs' }, [], 'look'],
    ['worth a look if the probe is in doubt', doubtful, [], 'look'],
    ['worth a look with an amber finding', finished, ['green', 'amber'], 'look'],
    ['bad with a red finding', finished, ['amber', 'red'], 'blocked'],
    ['bad if the probe failed', failed, [], 'blocked'],
  ])('is %s', (_, site, severities, health) => {
    const findings = severities.map((severity) => ({ severity }));
    expect(siteHealth(site, findings)).toBe(health);
  });

  it.each<[Site, string[]]>([
    [finished, ['● lab: all 8 checked hops of the last probe answered', '● lab: the GitLab settings were read back']],
    [failed, ['■ lab: the last probe failed at The model answers', '● lab']],
    [doubtful, ['▲ lab: all 8 checked hops of the last probe answered, but the site was changed since', '● lab']],
    [{}, ['○ lab: this deployment has not been probed yet', '○ lab: no GitLab settings were read back']],
    [{ gitlabSettings: 'differs' }, ['○ lab', '▲ lab: some GitLab settings differ']],
  ])('has the same marks in the terminal: %j', (site, starts) => {
    const known = { name: 'lab', simulated: false, service: 'running', afterReboot: 'starts', ...site } as const;
    const lines = statusLines({ sites: [known], parts: [], findings: [] }).split('\n');
    starts.forEach((start, at) => {
      expect(lines[at]?.startsWith(start)).toBe(true);
    });
  });
});
