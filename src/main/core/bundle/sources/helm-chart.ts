import { z } from 'zod';
import { digestOf, hexDigest } from '../../../../shared/digest.ts';
import { appError } from '../../../../shared/errors/app-error.ts';
import type { ChartSpec } from '../../../../shared/fetched-files.ts';
import { parseYaml } from '../../files/parse-yaml.ts';
import { withoutEndSlash } from '../../http/without-end-slash.ts';
import { imageManifest } from '../format/oci-schemas.ts';
import { parseImageJson } from './image-json.ts';
import { nearNames } from './near-names.ts';
import { pinned } from './pins.ts';
import { Registry } from './registry.ts';
import { openUrl, type RemoteFile } from './remote-file.ts';
import type { RemoteSources } from './remote-sources.ts';

/** Enough for some ten thousand versions. */
const maxIndexBytes = 16 * 1024 * 1024;
const chartLayer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const indexedVersion = z.object({
  version: z.string().max(100),
  digest: z.string().max(100).optional(),
  urls: z.array(z.string().max(2000)).min(1),
});
type IndexedVersion = z.infer<typeof indexedVersion>;

/**
 * Finds one version of a chart in a Helm repository: by its `index.yaml`, or as an OCI artifact. The chart is fetched while packing, and
 * verified by the digest that the repository states. Throws `remote.*`; for an unknown chart or version, with names like it.
 */
export function openChart(spec: ChartSpec, remote: RemoteSources): Promise<RemoteFile> {
  return spec.repository.startsWith('oci://') ? openOciChart(spec, remote) : openIndexedChart(spec, remote);
}

async function openIndexedChart(spec: ChartSpec, remote: RemoteSources): Promise<RemoteFile> {
  const url = `${baseOf(spec)}/index.yaml`;
  const { host } = new URL(url);
  const odd = (problem: string) => appError('remote.odd-answer', { host, what: 'index.yaml', problem });
  const text = await indexText(url, remote);
  const { names, versions } = readIndex(text, spec.name, odd);
  if (!versions)
    throw appError('remote.absent', { host, what: `chart ${spec.name}`, near: nearNames(spec.name, names) });
  const found =
    versions.find(({ version }) => version === spec.version) ??
    versions.find(({ version }) => withoutV(version) === withoutV(spec.version));
  if (!found) {
    const near = nearNames(
      spec.version,
      versions.map(({ version }) => version),
    );
    throw appError('remote.absent', { host, what: `chart ${spec.name} in version ${spec.version}`, near });
  }
  const sha256 = await chosenDigest(spec, found, remote, odd);
  const [at = ''] = found.urls;
  const address = URL.canParse(at, `${baseOf(spec)}/`) ? new URL(at, `${baseOf(spec)}/`) : undefined;
  if (!address || !/^https?:$/.test(address.protocol)) throw odd('the address of the chart is neither https nor http');
  const name = fileName({ ...spec, version: found.version });
  const file = await openUrl({ url: address.href, sha256, name }, remote);
  return { ...file, pin: { name: pinName(spec), value: digestOf(sha256) } };
}

async function indexText(url: string, remote: RemoteSources): Promise<string> {
  const { origin, host } = new URL(url);
  remote.say(`Asking ${host} for the index of its charts`);
  const access = { name: host, origin, ...(remote.ca && { ca: remote.ca }), way: 'none' as const, tokenHosts: [] };
  const { status, bytes } = await remote.hosts
    .at(access)
    .document({ url, what: 'index.yaml', watch: remote }, maxIndexBytes);
  if (status === 404) throw appError('remote.absent', { host, what: new URL(url).pathname, near: [] });
  if (status !== 200) throw appError('remote.odd-answer', { host, what: 'index.yaml', problem: `HTTP ${status}` });
  return bytes.toString('utf8');
}

/** The digest to verify: the index's, or, without one, that of the description. Some old repositories state none. */
async function chosenDigest(
  spec: ChartSpec,
  { digest = spec.sha256 ?? '' }: IndexedVersion,
  remote: RemoteSources,
  odd: (problem: string) => Error,
): Promise<string> {
  const stated = hexDigest.safeParse(digest.replace(/^sha256:/, ''));
  if (!stated.success) throw odd(`it has no SHA-256 of ${fileName(spec)}: name it in BUNDLE.yaml, under sha256`);
  if (spec.sha256 !== undefined && spec.sha256 !== stated.data) {
    const [expected, found] = [digestOf(spec.sha256), digestOf(stated.data)];
    throw appError('remote.wrong-bytes', { url: `${baseOf(spec)}/index.yaml`, expected, found });
  }
  const value = await pinned(remote.pins, pinName(spec), async () => digestOf(stated.data));
  return value.replace(/^sha256:/, '');
}

async function openOciChart(spec: ChartSpec, remote: RemoteSources): Promise<RemoteFile> {
  // A tag cannot have the plus sign of a version; Helm writes an underscore.
  const tag = spec.version.replaceAll('+', '_');
  const reference = `${baseOf(spec).slice('oci://'.length)}/${spec.name}:${tag}`;
  const registry = await Registry.open({ reference }, remote);
  const digest = await pinned(remote.pins, pinName(spec), async () => (await registry.manifest(tag)).digest);
  const { bytes } = await registry.manifest(digest);
  const { layers } = parseImageJson(registry.name, imageManifest, bytes, `manifest ${digest}`);
  const layer = layers.find(({ mediaType }) => mediaType === chartLayer);
  const { host } = new URL(registry.access.origin);
  const what = `${registry.name}:${tag}`;
  if (!layer) throw appError('remote.odd-answer', { host, what, problem: 'it is no Helm chart' });
  if (spec.sha256 !== undefined && digestOf(spec.sha256) !== layer.digest)
    throw appError('remote.wrong-bytes', { url: what, expected: digestOf(spec.sha256), found: layer.digest });
  const blob = { key: layer.digest, digest: layer.digest, range: registry.blob(layer), access: registry.access };
  return { name: fileName(spec), blob, pin: { name: pinName(spec), value: digest } };
}

/**
 * Returns the names of all charts, and the versions of one. Of an index as Helm writes it, only the part about that chart is parsed: the
 * whole has too many entries.
 */
function readIndex(
  text: string,
  name: string,
  odd: (problem: string) => Error,
): { names: string[]; versions: IndexedVersion[] | undefined } {
  const parts = partsOf(text);
  const part = parts ? (parts.get(name) ?? '{}') : text;
  const parsed = parseYaml(part);
  if (!parsed.isYaml) throw odd(`it is not the YAML of an index (${parsed.problems[0]?.problem ?? ''})`);
  const entries = z
    .record(z.string(), z.unknown())
    .safeParse(parts ? parsed.value : (parsed.value as { entries?: unknown } | undefined)?.entries);
  if (!entries.success) throw odd('it is not an index of charts');
  const names = parts ? [...parts.keys()] : Object.keys(entries.data);
  if (!names.includes(name)) return { names, versions: undefined };
  const listed = z.array(z.unknown()).safeParse(entries.data[name]);
  if (!listed.success) throw odd(`its entry for ${name} is not a list of versions`);
  return { names, versions: listed.data.flatMap((one) => indexedVersion.safeParse(one).data ?? []) };
}

/** The lines about each chart, by its name; undefined for an index that is laid out otherwise. */
function partsOf(text: string): Map<string, string> | undefined {
  const start = /^entries:[ \t]*\r?\n/m.exec(text);
  if (!start) return undefined;
  const rest = text.slice(start.index + start[0].length);
  const body = rest.slice(0, /^[^\s#]/m.exec(rest)?.index ?? rest.length);
  const indent = /^( +)\S/m.exec(body)?.[1]?.length;
  if (indent === undefined) return undefined;
  const keys = [...body.matchAll(new RegExp(`^ {${indent}}["']?([\\w.+-]{1,200})["']?:`, 'gm'))];
  return new Map(keys.map((key, at) => [key[1] ?? '', body.slice(key.index, keys[at + 1]?.index ?? body.length)]));
}

function baseOf({ repository }: ChartSpec): string {
  return withoutEndSlash(repository);
}

function pinName(spec: ChartSpec): string {
  return `${baseOf(spec)}/${spec.name}:${spec.version}`;
}

/** Helm takes both forms for the same version. */
function withoutV(version: string): string {
  return version.replace(/^v/, '');
}

/** As `helm package` names it. */
function fileName({ name, version }: ChartSpec): string {
  return `${name}-${version}.tgz`;
}
