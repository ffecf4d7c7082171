import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CorePorts } from '../../../src/main/core/ports.ts';
import { probeHandlers } from '../../../src/main/core/probe/probe-handlers.ts';
import { homePaths } from '../../../src/main/core/settings/paths.ts';
import { sitePaths } from '../../../src/main/core/sites/site-paths.ts';
import { quietWork } from '../../../src/main/core/work.ts';
import type { deployed } from '../../../src/shared/contract/site.ts';
import { openStage, resources, type SiteStage } from '../../scenes/site-stage.ts';

let stage: SiteStage;
afterEach(() => stage.close());

const record: (typeof deployed)['_input'] = {
  site: 'rehearsal',
  deployedAt: '2026-01-01T00:00:00.000Z',
  simulated: true,
  steps: [],
  parts: [],
  model: null,
  files: [],
  secrets: [],
  containers: [{ name: 'm', part: 'model', id: 'i', image: 'vllm:1', imageId: 'sha256:1', ports: [], simulated: true }],
};

/** Probes a site, whose model server is a container or not, with this text as the record of its deployment. */
async function probed(text: string | undefined, hasContainer = true) {
  stage = await openStage({
    change: (site) => {
      if (hasContainer) site.model = { engine: 'vllm', name: 'm', servedName: 'tiny', image: 'x.example/vllm:1' };
    },
  });
  const path = join(sitePaths(join(stage.home, 'sites'), 'rehearsal').evidence, 'deploy.json');
  await mkdir(dirname(path), { recursive: true });
  if (text !== undefined) await writeFile(path, text);
  const ports = { paths: homePaths(stage.home), resources, now: () => new Date() } as CorePorts;
  return probeHandlers(ports).run({ siteFile: stage.siteFilePath }, quietWork());
}

const ids = (result: { findings?: { id: string }[] | undefined }) => result.findings?.map((one) => one.id);

describe('a probe of a site with containers', () => {
  it('marks what its record calls a stand-in', async () => {
    const result = await probed(JSON.stringify(record));
    expect(result.hops[0]).toMatchObject({ hop: 'model', ok: true, simulated: true });
    expect([result.deployedAt, ids(result)]).toEqual([record.deployedAt, []]);
  });

  it.each([
    ['is damaged', '{"site":'],
    ['is of another shape', '{"site":"rehearsal"}'],
    ['is gone', undefined],
  ])('says that it is unknown which parts are stand-ins when the record %s', async (_name, text) => {
    const result = await probed(text);
    expect(result.hops[0]).toMatchObject({ hop: 'model', ok: true });
    expect(ids(result)).toEqual(['probe.stand-ins-not-known']);
    expect(result.findings?.[0]?.howWeKnow).toContain('deploy.json');
  });
});

describe('a probe of a site of processes', () => {
  it('needs no record to know', async () => {
    expect(ids(await probed(undefined, false))).toEqual([]);
  });
});
