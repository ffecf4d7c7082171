import { randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { contract } from '../../../shared/contract/index.ts';
import type { rehearse } from '../../../shared/contract/rehearse.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import type { OutputOf } from '../../../shared/rpc/contract.ts';
import { ensureKey } from '../bundle/keys.ts';
import type { Work } from '../jobs/work.ts';
import type { CorePorts } from '../ports.ts';
import { homePaths } from '../settings/paths.ts';
import { freePorts } from './free-ports.ts';
import { type CoreMaker, type InnerCore, openInnerCore } from './inner-core.ts';
import { claimFolder, clearFolder, hasLeftovers, type RehearsalFolder, rehearsalFolder } from './rehearsal-folder.ts';
import { writeTinyModel } from './tiny-model.ts';

const modelName = 'rehearsal-model';
const siteName = 'rehearsal';
const gitlabVersion = '18.9';
/** Small enough that the model lies in many parts, and does not fit one stick beside what the planner keeps free for its lists. */
const partBytes = 64 * 1024;
const listBytes = 192 * 1024;

type Result = OutputOf<(typeof rehearse)['run']>;

/**
 * The whole job with the product's own code in one folder: check, choose, pack, carry, verify, import, deploy, apply, probe, report.
 * Only GitLab and the AI Gateway are stand-ins. Whatever happens, what runs is stopped again and all but the report removed, unless
 * `keep`. Leftovers of a rehearsal that was killed are cleared first.
 */
export async function runRehearsal(
  input: { root: string; keep: boolean },
  ports: CorePorts,
  makeCore: CoreMaker,
  work: Work,
): Promise<Result> {
  const startedAt = performance.now();
  const folder = rehearsalFolder(input.root);
  work.step('prepare', 'Prepare the rehearsal');
  await claimFolder(folder);
  if (await hasLeftovers(folder)) await sweep(folder, ports, makeCore, work);
  let isDone = false;
  try {
    const packed = await packSide(folder, ports, makeCore, work);
    const result = await siteSide(folder, packed, ports, makeCore, work);
    isDone = true;
    return { ...result, dir: folder.root, durationMs: performance.now() - startedAt };
  } finally {
    if (!(input.keep && isDone)) await cleanUp(folder, ports, makeCore, work);
  }
}

type Packed = Result['bundle'];

async function packSide(folder: RehearsalFolder, ports: CorePorts, makeCore: CoreMaker, work: Work): Promise<Packed> {
  work.step('source', 'Connected side: make a tiny model');
  await mkdir(folder.source, { recursive: true });
  for (const medium of folder.media) await mkdir(medium, { recursive: true });
  const model = await writeTinyModel(join(folder.source, 'rehearsal-model.gguf'));
  const note = join(folder.source, 'READ-ME.txt');
  // Different in each rehearsal, so that no earlier result can pass for this one.
  await writeFile(note, `A rehearsal of Sealift, number ${randomBytes(8).toString('hex')}.\n`);
  await writeFile(folder.bundleFile, stringify(bundleSpec(model.path, note)));
  const packer = await openInnerCore(makeCore, ports, folder.packerHome, work);
  try {
    work.step('pack', 'Connected side: pack and sign a bundle over two sticks');
    await packer.client.keys.create({ name: 'packer' });
    const packed = await packer.follow(
      contract.bundle.pack,
      packer.client.bundle.pack({
        spec: folder.bundleFile,
        to: folder.media,
        partBytes,
        mediumBytes: Math.ceil(model.sizeBytes * 0.7) + listBytes,
        key: 'packer',
      }),
    );
    const bytes = packed.media.reduce((sum, medium) => sum + medium.bytes, 0);
    return { id: packed.id, fingerprint: packed.fingerprint, bytes, blocks: packed.blocks };
  } finally {
    await packer.close();
  }
}

function bundleSpec(modelPath: string, note: string): unknown {
  return {
    bundle: 1,
    name: 'rehearsal',
    requirements: { gitlab: gitlabVersion, note: 'Made by a rehearsal; holds no real model.' },
    contents: [
      { kind: 'model', name: modelName, path: modelPath, licence: 'Apache-2.0' },
      { kind: 'files', name: 'notes', paths: [note] },
    ],
  };
}

async function siteSide(
  folder: RehearsalFolder,
  bundle: Packed,
  ports: CorePorts,
  makeCore: CoreMaker,
  work: Work,
): Promise<Omit<Result, 'dir' | 'durationMs'>> {
  const site = await openInnerCore(makeCore, ports, folder.home, work);
  try {
    await lookAndImport(site, folder, bundle, work);
    await lendSiteKey(homePaths(ports.home).keys, homePaths(folder.home).keys);
    await writeSiteFile(folder);
    const siteFile = folder.siteFile;
    work.step(
      'deploy',
      'Disconnected side: deploy model server, front and stand-ins (SIMULATED GitLab and AI Gateway)',
    );
    const deployed = await site.follow(contract.site.deploy, site.client.site.deploy({ siteFile }));
    work.step('gitlab', 'Disconnected side: apply the settings of GitLab 18.9 (SIMULATED)');
    await site.follow(contract.gitlab.apply, site.client.gitlab.apply({ siteFile }));
    work.step('probe', 'Disconnected side: probe every hop');
    const probed = await site.follow(contract.probe.run, site.client.probe.run({ siteFile }));
    work.step('report', 'Disconnected side: write and verify the report');
    const report = await site.follow(
      contract.report.write,
      site.client.report.write({ siteFile, outFolder: folder.report }),
    );
    const verified = await site.client.report.verify({ path: folder.report });
    if (!verified.isGood) throw appError('report.bad-signature', { path: folder.report });
    if (probed.firstRed) throw appError('rehearse.red-hop', { hop: probed.firstRed, report: report.html });
    const engine = deployed.parts.find((part) => part.name === 'model');
    return {
      report: report.html,
      bundle,
      probe: probed.hops,
      simulated: report.standIns,
      engine: `${engine?.kind} ${engine?.version}`,
    };
  } finally {
    await site.close();
  }
}

async function lookAndImport(site: InnerCore, folder: RehearsalFolder, bundle: Packed, work: Work): Promise<void> {
  work.step('check', 'Disconnected side: check this machine');
  const { findings } = await site.follow(contract.hardware.check, site.client.hardware.check({}));
  const count = (severity: string) => findings.filter((one) => one.severity === severity).length;
  work.log(`■ ${count('red')} blocked · ▲ ${count('amber')} to look at · ● ${count('green')} passed`);
  work.step('carry', 'Carry the two sticks across, trust the key by its fingerprint, verify');
  for (const medium of folder.media) await chmod(medium, 0o500);
  await site.client.keys.trust({ key: { fingerprint: bundle.fingerprint }, label: 'rehearsal packer' });
  await site.follow(contract.bundle.verify, site.client.bundle.verify({ dirs: folder.media }));
  work.step('import', 'Disconnected side: import');
  await site.follow(contract.imports.run, site.client.imports.run({ dirs: folder.media }));
}

/** The report outlives the rehearsal's own data folder, so this machine's key signs it. */
async function lendSiteKey(from: string, to: string): Promise<void> {
  await ensureKey(from, 'site');
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of ['site.pem', 'site.pub']) await copyFile(join(from, name), join(to, name));
}

async function writeSiteFile(folder: RehearsalFolder): Promise<void> {
  const [gitlab, http, grpc, front] = await freePorts(4);
  const site = {
    sealift: 1,
    name: siteName,
    gitlab: { url: `http://127.0.0.1:${gitlab}`, version: gitlabVersion, simulated: true },
    gateway: { kind: 'simulated', host: '127.0.0.1', httpPort: http, grpcPort: grpc },
    model: { engine: 'llamacpp', name: modelName, servedName: modelName, contextTokens: 4096, threads: 1 },
    front: { host: '127.0.0.1', port: front },
  };
  await writeFile(folder.siteFile, stringify(site));
}

async function sweep(folder: RehearsalFolder, ports: CorePorts, makeCore: CoreMaker, work: Work): Promise<void> {
  const site = await openInnerCore(makeCore, ports, folder.home, work);
  try {
    const { sites } = await site.client.site.status({});
    for (const { name } of sites)
      await site.follow(contract.site.uninstall, site.client.site.uninstall({ site: name }));
  } finally {
    await site.close();
  }
  for (const medium of folder.media) await chmod(medium, 0o700).catch(() => undefined);
  await clearFolder(folder);
}

/** Cleaning up must also happen after a cancel, so it runs on a signal of its own. */
async function cleanUp(folder: RehearsalFolder, ports: CorePorts, makeCore: CoreMaker, work: Work): Promise<void> {
  work.step('clean-up', 'Stop what was started and remove all but the report');
  await sweep(folder, ports, makeCore, { ...work, signal: new AbortController().signal });
}
