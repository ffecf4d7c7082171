import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseGitlabVersion } from '../../../src/main/core/catalog/gitlab-version.ts';
import { loadEras, loadGatewayVariables } from '../../../src/main/core/gitlab/eras-catalog.ts';
import { planSettings } from '../../../src/main/core/gitlab/plan-settings.ts';
import { type GitlabInstallation, gitlabInstallation } from '../../../src/shared/site-file.ts';

const catalog = await loadEras(resolve('resources'));
const variables = await loadGatewayVariables(resolve('resources'));
const scriptOf = (
  version: string,
  installation: GitlabInstallation,
  gatewayUrl: string | undefined = 'http://gw:5052',
) => planSettings(catalog, variables, { version: parseGitlabVersion(version), installation, gatewayUrl }).script;

describe("the steps on GitLab's machine as a script", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sealift-script-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs it with programs that only write down how they were called; `sh -c` runs, on a gitlab.rb of this folder. */
  function runScript(script: string, ...args: string[]): string[] {
    const rb = join(folder, 'gitlab.rb');
    const calls = join(folder, 'calls');
    writeFileSync(calls, '');
    const recorder = [
      '#!/bin/sh',
      `echo "$(basename "$0") $*" >> ${calls}`,
      `case "$*" in *'sh -c'*) while [ "$1" != sh ]; do shift; done; "$@" ;; esac`,
      '',
    ].join('\n');
    for (const name of ['sudo', 'docker', 'kubectl', 'helm', 'systemctl']) {
      writeFileSync(join(folder, name), recorder);
      chmodSync(join(folder, name), 0o755);
    }
    const own = script.replaceAll('/etc/gitlab/gitlab.rb', rb).replaceAll('cd /home/git/gitlab', `cd ${folder}`);
    const file = join(folder, 'script.sh');
    writeFileSync(file, own);
    execFileSync('sh', [file, ...args], { env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } });
    return readFileSync(calls, 'utf8').trim().split('\n');
  }

  it.each(['linux-package', 'docker'] as const)(
    'changes gitlab.rb once, however often it runs, and takes it back: %s',
    (kind) => {
      const rb = join(folder, 'gitlab.rb');
      const before = "external_url 'https://gitlab.inside.example'\n";
      writeFileSync(rb, before);
      const script = scriptOf('17.5', kind) ?? '';
      const calls = runScript(script);
      runScript(script);
      const after = readFileSync(rb, 'utf8');
      expect(after.startsWith(before)).toBe(true);
      expect(after.match(/'AI_GATEWAY_URL' => 'http:\/\/gw:5052'/g)).toHaveLength(1);
      expect(after).toContain("'GITLAB_LICENSE_MODE' => 'production'");
      const run = kind === 'docker' ? 'docker exec gitlab' : 'sudo';
      const asked = [
        'gitlab-ctl reconfigure',
        'gitlab-rake gitlab:duo:enable_feature_flags',
        'gitlab-rails runner Feature.enable(:ai_custom_model)',
      ];
      expect(calls).toEqual(expect.arrayContaining(asked.map((one) => `${run} ${one}`)));
      expect(runScript(script, 'undo')).toContain(`${run} gitlab-rails runner Feature.disable(:ai_custom_model)`);
      expect(readFileSync(rb, 'utf8')).toBe(before);
    },
  );

  it('changes the values of a Helm release, and the units of a self-compiled GitLab', () => {
    const helm = scriptOf('17.5', 'helm') ?? '';
    expect(runScript(helm)).toContainEqual(
      expect.stringMatching(/^helm upgrade gitlab CHART .*global\.extraEnv\.AI_GATEWAY_URL=http:\/\/gw:5052$/),
    );
    expect(runScript(helm, 'undo')).toContain('helm rollback gitlab --namespace gitlab');
    const source = scriptOf('17.5', 'source') ?? '';
    expect(runScript(source)).toContain('sudo systemctl restart gitlab.target');
  });

  it('is there for every version with a step for a shell, and never with a value that is unknown', () => {
    for (const kind of gitlabInstallation.options) {
      expect(scriptOf('17.5', kind, '')).toBeUndefined();
      for (const version of ['17.1', '17.4', '17.8', '17.9', '18.4', '19.5']) {
        const script = scriptOf(version, kind);
        expect(script).toMatch(/^#!\/bin\/sh\n/);
        execFileSync('sh', ['-n'], { input: script ?? '' });
      }
    }
  });
});
