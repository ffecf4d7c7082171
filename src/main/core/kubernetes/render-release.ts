import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { kubernetes } from '../../../shared/contract/kubernetes.ts';
import { appError } from '../../../shared/errors/app-error.ts';
import { parseImageReference } from '../../../shared/image-reference.ts';
import type { OutputOf, ParsedInputOf } from '../../../shared/rpc/contract.ts';
import type { SiteFile } from '../../../shared/site-file.ts';
import { hasAgentService, isWithin, parseGitlabVersion } from '../catalog/gitlab-version.ts';
import { fileError } from '../files/file-error.ts';
import { listFolder } from '../files/list-folder.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readNamed } from '../files/read-bounded.ts';
import { writeWhole } from '../files/write-whole.ts';
import { loadEras, loadGatewayVariables } from '../gitlab/eras-catalog.ts';
import { findEra } from '../gitlab/find-era.ts';
import { gatewayEnvironment } from '../gitlab/gateway-environment.ts';
import { addressFamily, isLoopback, isRange } from '../http/network-host.ts';
import type { CorePorts } from '../ports.ts';
import { onlyModel } from '../sites/named-model.ts';
import { openSite } from '../sites/open-site.ts';
import { recordKeysBrought } from '../sites/rotation-record.ts';
import { gatewayHost } from '../sites/site-endpoints.ts';
import type { SitePaths } from '../sites/site-paths.ts';
import { makeSecret, secretFacts } from '../sites/site-secret.ts';
import { siteAuthorities } from '../sites/site-trust.ts';
import { namespaceText, policyText } from './manifests.ts';
import { modelClaimText, modelLoaderText, modelServerText } from './model-server.ts';
import { planModelServer } from './plan-model-server.ts';
import { type Chart, readChart } from './read-chart.ts';
import { type ModelServer, type Release, releaseFiles } from './release.ts';
import { releaseFindings } from './release-findings.ts';
import { installScript, loadModelScript, logsScript } from './scripts.ts';
import { valuesText } from './values-text.ts';

type Wish = ParsedInputOf<typeof kubernetes.render>;
type Rendered = OutputOf<typeof kubernetes.render>;

const keyLimitBytes = 64 * 1024;
/** What a secret of Kubernetes may hold. */
const copyLimitBytes = 1024 * 1024;

/**
 * Writes everything that installs the gateway in a cluster into a folder, readable only by this user. The keys are those in the site's
 * secrets, where missing ones are made, deployed or not. Throws `kubernetes.unfit-site`, `kubernetes.unreadable-chart`, `site.secret-damaged`,
 * and what reading the site file throws.
 */
export async function renderRelease(ports: CorePorts, wish: Wish): Promise<Rendered> {
  const { site, paths } = await openSite(ports.paths.sites, wish.siteFile);
  findEra(await loadEras(ports.resources), parseGitlabVersion(site.gitlab.version));
  const host = requireFit(site);
  requireFitting(wish);
  const chart = await readChart(wish.chart);
  const environment = gatewayEnvironment(site, await loadGatewayVariables(ports.resources));
  const { name = '', tag, digest } = parseImageReference(wish.image) ?? {};
  const image = { repository: name, tag: [tag, digest].filter(Boolean).join('@') };
  const hasAgents = hasAgentService(parseGitlabVersion(site.gitlab.version));
  const modelServer = await modelServerOf(ports, site, wish);
  const release: Release = { ...wish, site, host, image, chart, environment, hasAgentService: hasAgents, modelServer };
  await makeFolder(join(wish.outFolder, releaseFiles.keys), 0o700);
  const files = await filesOf(release, chart);
  for (const { name: file, content, mode } of files) await writeWhole(join(wish.outFolder, file), content, { mode });
  const keys = await writeKeys(release, paths, join(wish.outFolder, releaseFiles.keys));
  await removeFormer(
    wish.outFolder,
    [...files, ...keys].map((one) => one.name),
  );
  await recordKeysBrought(paths, ports.now());
  return {
    site: site.name,
    folder: wish.outFolder,
    host,
    chart: { name: chart.name, version: chart.version },
    files: [...files.map((one) => ({ name: one.name, what: one.what })), ...keys],
    findings: releaseFindings(release, chart),
  };
}

/** Removes what an earlier run wrote and this one doesn't need, such as another certificate and its key. Other files stay. */
async function removeFormer(folder: string, written: string[]): Promise<void> {
  const keys = await listFolder(join(folder, releaseFiles.keys));
  const own = [
    ...Object.values(releaseFiles).filter((name) => name !== releaseFiles.keys),
    ...keys.filter((name) => name.endsWith('.key')).map((name) => `${releaseFiles.keys}/${name}`),
  ];
  for (const path of own.filter((name) => !written.includes(name)).map((name) => join(folder, name)))
    await rm(path, { force: true }).catch((error) => {
      throw fileError(path, 'write', error);
    });
}

async function modelServerOf(ports: CorePorts, site: SiteFile, wish: Wish): Promise<ModelServer | undefined> {
  if (!wish.modelServer) return undefined;
  const only = onlyModel(site, 'A model server in a cluster');
  if (only.model.engine !== 'external' || only.model.endpoint === undefined)
    throw unfit(
      'model.engine',
      `is ${only.model.engine}, which runs the model on this machine`,
      'In site.yaml, set model.engine to external and model.endpoint to where the cluster serves it: http://NODE:30800/v1.',
    );
  const endpoint = new URL(only.model.endpoint);
  return planModelServer(ports, only, { namespace: wish.namespace, endpoint, wish: wish.modelServer });
}

const unfit = (field: string, problem: string, fix: string) =>
  appError('kubernetes.unfit-site', { field, problem, fix });

/** Returns the gateway's host name. Throws `kubernetes.unfit-site`. */
function requireFit(site: SiteFile): string {
  if (!isWithin(parseGitlabVersion(site.gitlab.version), { from: '17.3' }))
    throw unfit(
      'gitlab.version',
      `is ${site.gitlab.version}, and GitLab documents its chart from 17.3`,
      'Run the gateway as a container: gateway.kind container.',
    );
  const example =
    'In site.yaml, set gateway.kind to existing and gateway.url to https://NAME, the name that the ingress gets.';
  if (site.gateway.kind !== 'existing') throw unfit('gateway.kind', `is ${site.gateway.kind}`, example);
  const host = gatewayHost(site);
  if (addressFamily(host) !== 0) throw unfit('the gateway', `has the address ${host} instead of a name`, example);
  if (isLoopback(site.front.host))
    throw unfit(
      'front.host',
      `is ${site.front.host}, which a cluster cannot reach`,
      'In site.yaml, set front.host to an address of this machine that the cluster reaches, and deploy again.',
    );
  return host;
}

/** Throws `kubernetes.unfit-site`. */
function requireFitting({ allow, image, tlsCert, tlsKey }: Wish): void {
  // The chart joins name and tag with ":", so a digest can only follow a tag.
  if (!parseImageReference(image)?.tag)
    throw unfit('the image', 'has no tag', 'Write it as NAME:TAG or NAME:TAG@sha256:DIGEST.');
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw unfit(
      tlsKey === undefined ? '--tls-cert' : '--tls-key',
      tlsKey === undefined ? 'has no key' : 'has no certificate',
      'Give both --tls-cert and --tls-key, or neither.',
    );
  const wrong = allow.find((range) => !isRange(range));
  if (wrong !== undefined)
    throw unfit('the allowed range', `${wrong} is not a range`, 'Write it from its first address, as in 10.20.0.0/16.');
}

interface ReleaseFile {
  name: string;
  what: string;
  content: string | Buffer;
  mode: number;
}

async function filesOf(release: Release, chart: Chart): Promise<ReleaseFile[]> {
  const authorities = await siteAuthorities(release.site);
  const file = (name: string, what: string, content: string | Buffer, mode = 0o600) => ({ name, what, content, mode });
  return [
    file(
      releaseFiles.script,
      'installs or upgrades everything, and waits until it is ready',
      installScript(release),
      0o700,
    ),
    file(releaseFiles.logs, "follows the gateway's log", logsScript(release), 0o700),
    file(releaseFiles.namespace, 'the namespace', namespaceText(release)),
    file(releaseFiles.values, 'values of the chart', valuesText(release)),
    file(releaseFiles.policy, 'what the pods may reach', policyText(release)),
    file(releaseFiles.chart, `the chart ${chart.name} ${chart.version}`, chart.bytes),
    ...modelFiles(release, file),
    ...(authorities ? [file(releaseFiles.authorities, 'trusted certificate authorities', authorities)] : []),
    ...(await copiedFiles(release)),
  ];
}

function modelFiles(
  release: Release,
  file: (name: string, what: string, content: string, mode?: number) => ReleaseFile,
): ReleaseFile[] {
  const { modelServer } = release;
  if (!modelServer) return [];
  const claim = modelClaimText(modelServer);
  return [
    file(releaseFiles.model, 'the model server (vLLM)', modelServerText(release, modelServer)),
    ...(claim === undefined
      ? []
      : [
          file(releaseFiles.modelClaim, 'the volume for the weights', claim),
          file(releaseFiles.modelLoaderPod, 'the pod that fills it', modelLoaderText(release, modelServer)),
          file(
            releaseFiles.modelLoader,
            'fills it, before the model server starts',
            loadModelScript(release, modelServer),
            0o700,
          ),
        ]),
  ];
}

/** The files that the person named, so that the folder works on any machine. */
async function copiedFiles({ tlsCert, tlsKey, dockerConfig }: Release): Promise<ReleaseFile[]> {
  const named = [
    { path: tlsCert, name: releaseFiles.tlsCert, what: "certificate for the gateway's name" },
    { path: tlsKey, name: releaseFiles.tlsKey, what: 'its private key: keep it secret' },
    { path: dockerConfig, name: releaseFiles.dockerConfig, what: 'login to the registry: keep it secret' },
  ];
  const files: ReleaseFile[] = [];
  for (const { path, name, what } of named)
    if (path !== undefined)
      files.push({ name, what, content: await readNamed(path, copyLimitBytes, 'The file'), mode: 0o600 });
  return files;
}

/** Copies the site's keys, with which the probe signs tokens too. Missing ones are made in the site first. */
async function writeKeys(release: Release, paths: SitePaths, folder: string): Promise<Rendered['files']> {
  const names = Object.values(release.environment.secrets);
  for (const name of names) {
    const own = join(paths.secrets, name);
    if (!(await secretFacts('rsa-2048', own)))
      await writeWhole(own, await makeSecret('rsa-2048'), { folderMode: 0o700 });
    await writeWhole(join(folder, name), await readNamed(own, keyLimitBytes, 'The key'));
  }
  return names.map((name) => ({
    name: `${releaseFiles.keys}/${name}`,
    what: 'a private key (RSA 2048): keep it secret',
  }));
}
