import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { contract } from '../../../shared/contract/index.ts';
import type { rehearse } from '../../../shared/contract/rehearse.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { engineWords } from '../../../shared/verdict-words.ts';
import { gatewayNetwork } from '../engine/planned-container.ts';
import { addressIn, networkSubnet } from '../engine/subnets.ts';
import { makeFolder } from '../files/make-folder.ts';
import { ensureKey } from '../signing/keys.ts';
import { keepOwner } from '../sites/engine-owner.ts';
import { sitePaths } from '../sites/site-paths.ts';
import { freePorts } from './free-ports.ts';
import type { InnerCore } from './inner-core.ts';
import { gitlabVersion, modelName, type RehearsalStage, withCore } from './rehearsal-stage.ts';

type Result = OutputOf<(typeof rehearse)['run']>;
type Imported = OutputOf<(typeof contract)['imports']['run']>;
type Deployed = OutputOf<(typeof contract)['site']['deploy']>;

/** What the disconnected side did. */
export type SiteResult = Pick<Result, 'report' | 'site' | 'probe' | 'simulated' | 'engine' | 'docker'>;

/** Runs the disconnected side: checks, imports, deploys, sets up GitLab, probes and reports. Throws `rehearse.red-hop`. */
export function siteSide(stage: RehearsalStage, bundle: Result['bundle']): Promise<SiteResult> {
  const { folder, ports, docker, work } = stage;
  const { siteFile } = folder;
  return withCore(stage, folder.home, async (site) => {
    const { client, follow } = site;
    const imported = await lookAndImport(site, stage, bundle);
    await lendSiteKey(ports.paths.keys, site.paths.keys);
    // Its objects in the engine must stay known after its own data folder is gone.
    if (docker.isUsed) await keepOwner(sitePaths(site.paths.sites, stage.marks.site), stage.marks);
    await writeFile(siteFile, stringify(await siteAnswers(stage)));
    const gateway = docker.isUsed ? 'the SIMULATED AI Gateway in a container' : 'a SIMULATED AI Gateway';
    work.step('deploy', `Disconnected side: deploy model server, front, a SIMULATED GitLab and ${gateway}`);
    const deployed = await follow(contract.site.deploy, client.site.deploy({ siteFile }));
    work.step('gitlab', `Disconnected side: apply the settings of GitLab ${gitlabVersion} (SIMULATED)`);
    await follow(contract.gitlab.apply, client.gitlab.apply({ siteFile }));
    work.step('probe', 'Disconnected side: probe every hop');
    const probed = await follow(contract.probe.run, client.probe.run({ siteFile }));
    work.step('report', 'Disconnected side: write and verify the report');
    // The rehearsal's own store will be gone: what the report says to do must hold for the real one.
    const wanted = { siteFile, outFolder: folder.report, storePath: ports.paths.store };
    const report = await follow(contract.report.write, client.report.write(wanted));
    const verified = await client.report.verify({ path: folder.report });
    if (!verified.isGood) throw appError('report.bad-signature', { path: folder.report });
    const red = probed.hops.find((one) => one.hop === probed.firstRed);
    if (red) throw appError('rehearse.red-hop', { hop: red.title, report: report.html });
    const engine = deployed.parts.find((part) => part.name === 'model');
    return {
      report: report.html,
      site: deployed.site,
      probe: probed.hops,
      simulated: report.standIns,
      engine: `${engineWords.llamacpp}, ${engine?.version}`,
      docker: docker.isUsed ? usedDocker(docker.engine.version, imported, deployed) : docker,
    };
  });
}

async function lookAndImport(
  { client, follow }: InnerCore,
  { folder, docker, work }: RehearsalStage,
  bundle: Result['bundle'],
): Promise<Imported> {
  work.step('check', 'Disconnected side: check this machine');
  const { findings } = await follow(contract.hardware.check, client.hardware.check({}));
  const count = (severity: string) => findings.filter((one) => one.severity === severity).length;
  work.log(`■ ${count('red')} blocked · ▲ ${count('amber')} need attention · ● ${count('green')} passed`);
  work.step('carry', 'Disconnected side: trust the key by its fingerprint and verify both media');
  for (const medium of folder.media) await chmod(medium, 0o500);
  await client.keys.trust({ key: { fingerprint: bundle.fingerprint }, label: 'rehearsal packer' });
  await follow(contract.bundle.verify, client.bundle.verify({ dirs: folder.media }));
  work.step('import', 'Disconnected side: import');
  const engine = docker.isUsed ? docker.engine.address : 'none';
  return follow(contract.imports.run, client.imports.run({ dirs: folder.media, engine }));
}

/** Lends this machine's key, which signs the report because the report outlives the rehearsal's data folder. */
async function lendSiteKey(from: string, to: string): Promise<void> {
  await ensureKey(from, 'site');
  await makeFolder(to, 0o700);
  for (const name of ['site.pem', 'site.pub']) await copyFile(join(from, name), join(to, name));
}

async function siteAnswers({ docker, marks }: RehearsalStage): Promise<unknown> {
  const [gitlab, httpPort, grpcPort, port] = await freePorts(4);
  const loopback = '127.0.0.1';
  const site = (name: string, host: string, gateway: object) => ({
    sealift: 1,
    name,
    gitlab: { url: `http://${host}:${gitlab}`, version: gitlabVersion, simulated: true },
    gateway: { ...gateway, host: loopback, httpPort, grpcPort },
    model: { engine: 'llamacpp', name: modelName, servedName: modelName, contextTokens: 4096, threads: 1 },
    front: { host, port },
  });
  if (!docker.isUsed) return site('rehearsal', loopback, { kind: 'simulated' });
  const network = { ...marks, name: gatewayNetwork(marks.site), asked: undefined };
  const subnet = await networkSubnet(docker.engine, network, []);
  return site(marks.site, addressIn(subnet, 1), { kind: 'container', image: marks.reference, subnet });
}

function usedDocker(version: string, imported: Imported, deployed: Deployed): SiteResult['docker'] {
  const [image] = imported.images;
  const container = deployed.containers?.find((one) => one.part === 'gateway');
  if (!image || !container) throw new Error('a rehearsal with Docker that imported no image or deployed no gateway');
  const { reference, imageId, path } = image;
  return { isUsed: true, version, image: { reference, imageId, path }, container: container.name };
}
