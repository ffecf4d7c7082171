import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseGitlabVersion } from '../../../src/main/core/catalog/gitlab-version.ts';
import { type ErasCatalog, loadEras, loadGatewayVariables } from '../../../src/main/core/gitlab/eras-catalog.ts';
import { findEra } from '../../../src/main/core/gitlab/find-era.ts';
import { planSettings } from '../../../src/main/core/gitlab/plan-settings.ts';
import { versionFindings } from '../../../src/main/core/gitlab/version-findings.ts';
import { wantedSettings } from '../../../src/main/core/gitlab/wanted-settings.ts';
import { hops } from '../../../src/main/core/probe/hops.ts';
import { gatewayFindings } from '../../../src/main/core/site/containers/gateway-findings.ts';
import { siteEndpoints } from '../../../src/main/core/sites/site-endpoints.ts';
import { gitlabInstallation } from '../../../src/shared/site-file.ts';
import { modelSite } from '../../scenes/model-site.ts';

const resources = resolve('resources');
const catalog = await loadEras(resources);
const variables = await loadGatewayVariables(resources);
const newest = parseGitlabVersion(catalog.newestRead);
const newer = `${newest.major}.${newest.minor + 1}`;
const plan = (version: string, more: Partial<Parameters<typeof planSettings>[2]> = {}) =>
  planSettings(catalog, variables, { version: parseGitlabVersion(version), ...more });
const ids = (version: string, more = {}) => plan(version, more).steps.map((step) => step.id);

const site = modelSite({
  sealift: 1,
  name: 'enclave',
  gitlab: { url: 'https://gitlab.internal', version: '18.9' },
  gateway: { kind: 'existing', host: 'gw.internal' },
  model: {
    engine: 'external',
    name: 'm',
    servedName: 'mistral-small',
    family: 'MISTRAL',
    endpoint: 'http://m:8000/v1',
  },
  front: { host: '10.0.0.5', port: 8000 },
});

describe('gateway-variables.yaml', () => {
  it('is refused when a need is not explained', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sealift-'));
    await mkdir(join(folder, 'catalog'));
    const text = await readFile('resources/catalog/gateway-variables.yaml', 'utf8');
    await writeFile(join(folder, 'catalog', 'gateway-variables.yaml'), text.replace('need: optional', 'need: perhaps'));
    await expect(loadGatewayVariables(folder)).rejects.toMatchObject({
      code: 'catalog.damaged',
      message: expect.stringMatching(/need.*is not one of `needs`/),
    });
    await rm(folder, { recursive: true });
  });
});

describe('eras', () => {
  it('name only hops that the probe has', () => {
    const named = catalog.steps.flatMap(({ checkedBy }) => (checkedBy?.kind === 'hop' ? [checkedBy.hop] : []));
    expect(named.length).toBeGreaterThan(1);
    const known = hops.map(({ hop }) => hop);
    expect(named.filter((one) => !known.includes(one))).toEqual([]);
  });

  it('hang together: every step of an era exists, every step is used, no gap and no overlap', () => {
    const known = catalog.steps.map((step) => step.id);
    const used = catalog.eras.flatMap((era) => era.steps);
    expect(used.filter((id) => !known.includes(id))).toEqual([]);
    expect(known.filter((id) => !used.includes(id))).toEqual([]);
    for (const { major, minor } of allVersions(catalog)) {
      expect(() => findEra(catalog, { major, minor })).not.toThrow();
      expect(catalog.eras.filter((era) => isIn(era, major, minor))).toHaveLength(1);
    }
  });

  it.each([
    ['17.1', '17.1-17.2'],
    ['17.2', '17.1-17.2'],
    ['17.3', '17.3-17.4'],
    ['17.4.9', '17.3-17.4'],
    ['17.5', '17.5-17.8'],
    ['17.8', '17.5-17.8'],
    ['17.9', '17.9-18.3'],
    ['17.11', '17.9-18.3'],
    ['18.3-ee', '17.9-18.3'],
    ['18.4', '18.4-18.8'],
    ['18.8.2-ee', '18.4-18.8'],
    ['18.9', '18.9+'],
    ['19.2', '18.9+'],
  ])('puts %s into %s', (version, era) => expect(plan(version).era.id).toBe(era));

  it.each([
    ['17.0', 'gitlab.version-unsupported'],
    ['16.11', 'gitlab.version-unsupported'],
    ['17.12', 'gitlab.version-unreal'],
    ['18.12', 'gitlab.version-unreal'],
    ['18', 'input.invalid'],
    ['18.9; reboot', 'input.invalid'],
    ['', 'input.invalid'],
    ['١٨.٩', 'input.invalid'],
  ])('refuses %j', (version, code) => expect(() => plan(version)).toThrow(expect.objectContaining({ code })));

  it('says that a version is newer than what was read', () => {
    expect(plan(newer).notes[0]).toMatchObject({ id: 'newer-than-read', severity: 'amber' });
    expect(plan(catalog.newestRead).notes.map((note) => note.id)).not.toContain('newer-than-read');
  });

  it('reports a version newer than what was read to plan and deploy too', () => {
    expect(versionFindings(catalog, newer).map(({ id, severity }) => [id, severity])).toEqual([
      ['gitlab.newer-than-known', 'amber'],
    ]);
    expect(versionFindings(catalog, catalog.newestRead)).toEqual([]);
  });
});

describe('plan', () => {
  it('changes with the version', () => {
    expect(ids('17.5')).toContain('feature-flag-console');
    expect(ids('17.6')).not.toContain('feature-flag-console');
    expect(ids('17.2')).not.toContain('health-check');
    expect(ids('17.3')).toContain('health-check');
    expect(ids('17.3')).not.toContain('gitlab-rb');
    expect(ids('17.4')).toContain('gitlab-rb');
    for (const version of ['17.3', '17.4', '17.5'])
      expect(ids(version).filter((id) => ['gitlab-rb', 'gateway-url-environment'].includes(id))).toHaveLength(1);
    for (const version of ['17.5', '17.6', '17.7', '17.8', '19.2']) expect(ids(version)).toContain('verify-rake');
    expect(ids('19.4')).not.toContain('editor-extensions');
    expect(ids('19.5')).toContain('editor-extensions');
    expect(ids('18.6')).not.toContain('gateway-timeout');
    expect(ids('18.7')).toContain('gateway-timeout');
    expect(ids('18.9')).toContain('executor-image');
  });

  it.each([
    ['17.1', 'licence-experiment'],
    ['17.3', 'licence-experiment'],
    ['17.4', 'licence-experiment-17-4'],
    ['17.5', 'licence-beta'],
    ['17.9', 'licence-ga'],
    ['17.11', 'licence-ga'],
    ['18.0', 'licence-premium'],
    ['18.8', 'licence-premium'],
    ['18.9', 'licence-offline'],
  ])('asks GitLab %s for one licence: %s', (version, step) => {
    const licences = ids(version).filter((id) => id.startsWith('licence-') && id !== 'licence-agent-platform');
    expect(licences).toEqual([step]);
  });

  it.each([
    ['17.3', undefined],
    ['17.4', 'expanded-ai-logging'],
    ['17.8', 'expanded-ai-logging'],
    ['17.9', 'verbose-ai-logs'],
    ['19.2', 'verbose-ai-logs'],
  ])('says how GitLab %s logs requests, and where the logs are', (version, id) => {
    const { logging } = plan(version);
    expect(logging.switch?.id).toBe(id);
    expect(logging.logs.map((one) => one.id)).toEqual(['llm', 'rails', 'gateway', 'front', 'model']);
  });

  it('says that GitLab refuses a loopback address of an existing gateway', () => {
    const at = (host: string) => plan('18.9', { site: { ...site, gateway: { ...site.gateway, host } } }).notes[0]?.id;
    expect([at('localhost'), at('127.0.0.1'), at('gw.internal')].map((id) => id === 'gateway-loopback')).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('says it in the words of the plan of the site, which name the field that sets the address', () => {
    for (const [more, field] of [
      [{ host: 'localhost' }, 'gateway.host'],
      [{ url: 'https://127.0.0.1:8443' }, 'gateway.url'],
    ] as const) {
      const given = { ...site, gateway: { ...site.gateway, ...more } };
      const [found] = gatewayFindings(given);
      const text = plan('18.9', { site: given }).notes[0]?.text;
      expect(text).toContain(`Set ${field} in site.yaml`);
      const advice = found?.remedies.flatMap((one) => (one.kind === 'steps' ? one.steps : []));
      expect(text).toBe(`${found?.title}. ${advice}`);
    }
  });

  it('leaves out what the site does not need', () => {
    expect(ids('18.9', { site })).not.toContain('executor-image');
    expect(ids('18.9', { site })).not.toContain('beta-terms');
    const general = {
      ...site,
      model: { ...site.model, family: 'GENERAL' as const },
      features: ['DUO_AGENT_PLATFORM' as const],
    };
    expect(ids('18.9', { site: general })).toEqual(expect.arrayContaining(['executor-image', 'beta-terms']));
  });

  it.each(gitlabInstallation.options)(
    'sets the address once in a GitLab installed as %s, with its own commands',
    (installation) => {
      const foreign = {
        'linux-package': /docker exec|kubectl|helm |bundle exec|systemctl/,
        docker: /sudo gitlab-|kubectl|helm |bundle exec|systemctl/,
        helm: /gitlab\.rb|gitlab-ctl|docker exec|sudo gitlab-|bundle exec|systemctl/,
        source: /gitlab\.rb|gitlab-ctl|docker exec|sudo gitlab-|kubectl|helm /,
      }[installation];
      for (const { major, minor } of allVersions(catalog)) {
        const { steps, logging, installation: named } = plan(`${major}.${minor}`, { site, installation });
        expect(named.id).toBe(installation);
        expect(steps.filter(({ title }) => title === "Set the gateway's address in GitLab")).toHaveLength(1);
        expect(steps.filter(({ title }) => title === 'Let only trusted addresses reach the gateway')).toHaveLength(1);
        for (const { where, how, check, expected, undo } of steps) {
          const lines = [where, ...how, ...check, expected, ...(undo ?? [])];
          expect(lines.filter((line) => foreign.test(line) || /\{\{|<\w+>/.test(line))).toEqual([]);
        }
        const { on = [], off = [], check = [] } = logging.switch ?? {};
        expect([...on, ...off, ...check].filter((line) => foreign.test(line) || line.includes('{{'))).toEqual([]);
      }
    },
  );

  it("takes the kind of installation from the site, and otherwise the Linux package's", () => {
    const inCluster = { ...site, gitlab: { ...site.gitlab, installation: 'helm' as const } };
    expect(plan('17.5', { site: inCluster }).installation.id).toBe('helm');
    expect(plan('17.5').installation.id).toBe('linux-package');
  });

  it('says of every step why it is done, and how to take back what it changes', () => {
    const isCheck =
      /^(licence-(experiment|agent)|subscription-sync|connection-check|verify-rake|gateway-script|.*-check)/;
    for (const { id, why, undo } of catalog.steps) {
      expect(why, id).toMatch(/\.$/);
      expect(undo === undefined, id).toBe(isCheck.test(id));
    }
  });

  it('warns of the bypass in 17.2 and 17.3 alone', () => {
    const warns = (version: string) =>
      plan(version).notes.some((note) => note.id === 'auth-bypass' && note.severity === 'amber');
    expect(['17.1', '17.2', '17.3', '17.4'].map(warns)).toEqual([false, true, true, false]);
    const bypass = (version: string) =>
      plan(version).gatewayVariables.some((one) => one.name === 'AIGW_AUTH__BYPASS_EXTERNAL');
    expect(['17.1', '17.2', '17.3', '17.4', '18.9'].map(bypass)).toEqual([false, true, true, false, false]);
  });

  it('names a family that the version does not know', () => {
    const general = { ...site, model: { ...site.model, family: 'GENERAL' as const } };
    expect(plan('18.2', { site: general }).notes[0]).toMatchObject({ id: 'family-too-new', severity: 'red' });
  });

  it.each([
    ['MIXTRAL', '17.1', false],
    ['CODESTRAL', '17.1', true],
    ['CODELLAMA', '17.2', false],
    ['DEEPSEEKCODER', '17.2', true],
    ['DEEPSEEKCODER', '17.3', false],
    ['LLAMA3', '17.3', true],
    ['LLAMA3', '17.4', false],
    ['CODEGEMMA_2B', '17.2', true],
    ['CODEGEMMA_2B', '17.3', false],
    ['MISTRAL_TEXT', '17.3', true],
    ['MISTRAL_TEXT', '17.4', false],
  ] as const)('knows whether the family %s was in GitLab %s', (family, version, isTooNew) => {
    const { notes } = plan(version, { site: { ...site, model: { ...site.model, family } } });
    expect(notes.some((note) => note.id === 'family-too-new')).toBe(isTooNew);
  });

  it('names the served name of a finer family, and says when it is gone', () => {
    const fine = { ...site, model: { ...site.model, family: 'MIXTRAL_8X22B' as const } };
    expect(JSON.stringify(plan('17.3', { site: fine }).steps)).toContain('mixtral_8x22b');
    expect(plan('17.4', { site: fine }).notes.map((note) => note.id)).not.toContain('family-gone');
    expect(plan('17.5', { site: fine }).notes[0]).toMatchObject({ id: 'family-gone', severity: 'red' });
  });

  it('fills in the values of the site and leaves no placeholder', () => {
    const text = JSON.stringify(plan('18.9', { site }));
    for (const value of [
      'http://gw.internal:5052',
      'gw.internal:50052',
      'http://10.0.0.5:8000/v1',
      'custom_openai/mistral-small',
      'enclave-m',
    ])
      expect(text).toContain(value);
    for (const { major, minor } of allVersions(catalog)) {
      const filled = JSON.stringify(plan(`${major}.${minor}`, { site }));
      expect(filled).not.toMatch(/\{\{|<\w+Url>|<model|<family|<endpoint>|<features>/);
    }
  });

  it('shows what is not known as a name in brackets', () => {
    expect(JSON.stringify(plan('17.5'))).toContain('<gatewayUrl>');
    expect(JSON.stringify(plan('17.5', { gatewayUrl: 'http://gw:5052/' }))).toContain("'http://gw:5052'");
  });

  it.each([
    "http://gw:5052/'; reboot #",
    'http://gw/$(id)',
    'http://gw/`id`',
    'file:///etc/passwd',
    'gw:5052',
    'http://gw\nrm',
  ])('puts no %j into lines that are pasted into a shell', (gatewayUrl) =>
    expect(() => plan('17.5', { gatewayUrl })).toThrow(expect.objectContaining({ code: 'input.invalid' })),
  );
});

describe('site endpoints', () => {
  it.each([
    ['::1', 'http://[::1]:5052', '[::1]:50052'],
    ['127.0.0.1', 'http://127.0.0.1:5052', '127.0.0.1:50052'],
  ])('writes the gateway host %s', (host, gatewayUrl, agentPlatformUrl) => {
    expect(siteEndpoints({ ...site, gateway: { ...site.gateway, host } })).toMatchObject({
      gatewayUrl,
      agentPlatformUrl,
    });
  });

  it.each([
    ['0.0.0.0', 'http://127.0.0.1:8000/v1'],
    ['::', 'http://[::1]:8000/v1'],
  ])("never takes the gateway's host for a front that listens on %s", (host, url) => {
    const front = { host, port: 8000 };
    const own = (gateway: string) => siteEndpoints({ ...site, gateway: { ...site.gateway, host: gateway }, front });
    expect(own('127.0.0.1')).toMatchObject({ frontUrl: url, modelEndpoint: url });
    expect(own('gw.internal').frontUrl).toBe(url);
    expect(own('gw.internal').modelEndpoint).toBeUndefined();
    expect(() => wantedSettings({ ...site, front }, [], { apiToken: 'key' })).toThrow(
      expect.objectContaining({ code: 'gitlab.front-address' }),
    );
    expect(JSON.stringify(plan('18.9', { site: { ...site, front } }))).toContain('<endpoint>');
  });
});

/** Every version that can exist, from 17.1 to the newest that was read. */
function allVersions({ newestRead, lastMinorOfMajor }: ErasCatalog) {
  return [...lastMinorOfMajor, parseGitlabVersion(newestRead)]
    .flatMap(({ major, minor }) => Array.from({ length: minor + 1 }, (_, at) => ({ major, minor: at })))
    .filter(({ major, minor }) => major > 17 || minor > 0);
}

function isIn(era: ErasCatalog['eras'][number], major: number, minor: number): boolean {
  const number = (text: string) => Number(text.split('.')[0]) * 100 + Number(text.split('.')[1]);
  const here = major * 100 + minor;
  return number(era.from) <= here && (!era.to || here <= number(era.to));
}
