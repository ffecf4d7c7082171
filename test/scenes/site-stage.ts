import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { z } from 'zod';
import { loadEras } from '../../src/main/core/gitlab/eras-catalog.ts';
import { GitlabClient } from '../../src/main/core/gitlab/gitlab-client.ts';
import { secretFiles, sitePaths } from '../../src/main/core/sites/site-paths.ts';
import { quietWork } from '../../src/main/core/work.ts';
import { type SimulatedGateway, startSimulatedGateway } from '../../src/main/stand-ins/gateway/simulated-gateway.ts';
import { type SimulatedGitlab, startSimulatedGitlab } from '../../src/main/stand-ins/gitlab/simulated-gitlab.ts';
import type { ModelSite } from '../../src/shared/model-sites.ts';
import type { siteFile } from '../../src/shared/site-file.ts';
import { type OpenaiServer, startOpenaiServer } from '../fakes/openai-server.ts';
import { modelSite } from './model-site.ts';
import { placeKeys } from './site-keys.ts';

/** The folder `resources` of this repository. */
export const resources = resolve('resources');

/** A whole site on loopback: a fake front, both stand-ins, and a data folder with its secrets and site file. */
export interface SiteStage {
  home: string;
  site: ModelSite;
  siteFilePath: string;
  apiKey: string;
  adminToken: string;
  /** The gateway's signing key, PEM. */
  signingKey: string;
  front: OpenaiServer;
  gateway: SimulatedGateway;
  gitlab: SimulatedGitlab;
  /** Log lines of both stand-ins. */
  log: string[];
  close(): Promise<void>;
}

/** Starts a stage; `change` alters the site file before it is written. */
export async function openStage(
  options: { version?: string; basePath?: string; change?: (site: z.input<typeof siteFile>) => void } = {},
): Promise<SiteStage> {
  const home = await mkdtemp(join(tmpdir(), 'sealift-stage-'));
  const paths = sitePaths(join(home, 'sites'), 'rehearsal');
  const apiKey = 'front-key-0123456789abcdef';
  const adminToken = 'admin-token-0123456789';
  const log: string[] = [];
  const keep = (line: string) => void log.push(line);
  await placeKeys(paths);
  for (const [name, text] of [
    [secretFiles.frontApiKey, `${apiKey}\n`],
    [secretFiles.simulatedGitlabToken, `${adminToken}\n`],
  ] as const)
    await writeFile(join(paths.secrets, name), text, { mode: 0o600 });
  const key = (name: string) => readFile(join(paths.secrets, name), 'utf8');
  const [signingKey, validationKey] = [await key(secretFiles.gatewaySigning), await key(secretFiles.gatewayValidation)];
  const front = await startOpenaiServer(apiKey, 'tiny');
  const version = options.version ?? '18.9.1';
  const stateFile = join(paths.standIns, 'gitlab.json');
  const { basePath } = options;
  const gitlab = await startSimulatedGitlab({
    host: '127.0.0.1',
    port: 0,
    basePath,
    version,
    stateFile,
    adminToken,
    log: keep,
  });
  const gateway = await startSimulatedGateway({
    host: '127.0.0.1',
    port: 0,
    gitlabUrl: gitlab.url,
    signingKey,
    validationKey,
    log: keep,
  });
  const input: z.input<typeof siteFile> = {
    sealift: 1,
    name: 'rehearsal',
    gitlab: { url: gitlab.url, version: '18.9', simulated: true },
    gateway: { kind: 'simulated', httpPort: gateway.port, grpcPort: await freePort() },
    model: { engine: 'llamacpp', name: 'tiny-model', servedName: 'tiny' },
    front: { port: front.port },
  };
  options.change?.(input);
  const siteFilePath = join(home, 'site.yaml');
  await writeFile(siteFilePath, stringify(input));
  const close = async () => {
    await Promise.all([front.stop(), gateway.stop(), gitlab.stop()]);
    await rm(home, { recursive: true, force: true });
  };
  return {
    home,
    site: modelSite(input),
    siteFilePath,
    apiKey,
    adminToken,
    signingKey,
    front,
    gateway,
    gitlab,
    log,
    close,
  };
}

/** What `applySettings` and `checkSettings` need for a stage. */
export async function applyParts(stage: SiteStage) {
  return {
    site: stage.site,
    siteFile: stage.siteFilePath,
    catalog: await loadEras(resources),
    client: new GitlabClient({ url: stage.gitlab.url, token: stage.adminToken }),
    apiToken: stage.apiKey,
    work: quietWork(),
    now: new Date(),
    recordFile: sitePaths(join(stage.home, 'sites'), 'rehearsal').gitlabBefore,
  };
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** A fresh RSA private key, PKCS#8 PEM. */
export function rsaKey(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
}
