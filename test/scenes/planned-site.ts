import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { freePorts } from '../../src/main/core/rehearse/free-ports.ts';
import { showPlan } from '../../src/main/core/site/deploy/deploy-site.ts';
import { containerSite, type SiteChange } from './container-site.ts';
import { testPorts } from './site-scene.ts';

let ports: Promise<number[]> | undefined;

/** Plans a site on a data folder as `deploy --plan` does. Fails when the plan is refused, or when something in it blocks. */
export async function expectPlanned(home: string, change: SiteChange): Promise<void> {
  ports ??= freePorts(3);
  const [front, http, grpc] = await ports;
  const site = containerSite({
    ...change,
    gitlab: { url: 'http://gitlab.example', ...change.gitlab },
    gateway: { host: 'gateway.example', httpPort: http, grpcPort: grpc, ...change.gateway },
    front: { port: front, ...change.front },
  });
  const file = join(home, 'site.yaml');
  await writeFile(file, stringify(site));
  const { steps, findings } = await showPlan(testPorts(home), { path: file });
  // Another program may take a free port meanwhile.
  expect(findings.filter(({ id, severity }) => severity === 'red' && id !== 'site.port-taken')).toEqual([]);
  expect(steps.filter(({ id, state }) => state === 'blocked' && !id.startsWith('port.'))).toEqual([]);
}
