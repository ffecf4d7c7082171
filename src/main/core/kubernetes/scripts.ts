import { fullReference } from '../../../shared/image-reference.ts';
import { shellWord } from '../../../shared/shell-word.ts';
import { vllmPlaces } from '../serving/containers/vllm-container.ts';
import { clusterNames, type ModelServer, type Release, releaseFiles } from './release.ts';
import { extraVariables } from './values-text.ts';

const head = (about: string, first: string[] = []) => [
  '#!/bin/sh',
  `# ${about}`,
  'set -eu',
  ...first,
  'cd "$(dirname "$0")"',
  '',
];

/**
 * Returns the script that installs or upgrades the release. It needs kubectl, Helm 3.11 or later and the files next to it, and asks only the
 * cluster; with folders of media, `sealift push` fills the image's registry first. Keys reach neither the values nor a command line.
 */
export function installScript(release: Release): string {
  const { site, namespace } = release;
  const about = `Installs or upgrades the AI Gateway of the site ${site.name} for GitLab ${site.gitlab.version}. Safe to repeat; needs no internet.`;
  return [
    ...head(about, [...toolLines, ...pushLines(release)]),
    `namespace=${namespace}`,
    applyLine,
    `apply ${releaseFiles.namespace}`,
    ...tlsLines(release),
    ...pullLines(release),
    ...authorityLines(release),
    `apply ${releaseFiles.policy}`,
    '',
    ...modelLines(release),
    ...helmLines(release),
    '',
    'kubectl wait pod --all --for=condition=Ready --namespace="$namespace" --timeout=300s',
    'kubectl get pods,services,ingresses --namespace "$namespace"',
    `echo ${shellWord(`The gateway is ready. Point ${release.host} to the ingress, then run: sealift probe SITE.yaml`)}`,
    '',
  ].join('\n');
}

/** Returns the script that follows the gateway's log. */
export function logsScript({ namespace }: Release): string {
  const lines = [
    ...head("Follows the AI Gateway's log."),
    `exec kubectl logs --namespace ${namespace} --selector app.kubernetes.io/instance=${clusterNames.release} --all-containers --prefix --follow --tail=200`,
    '',
  ];
  return lines.join('\n');
}

/** Returns the script that fills the volume of a claim with a folder's files, and compares each by its SHA-256. Its pod is removed again. */
export function loadModelScript(release: Release, { namespace }: ModelServer): string {
  const { modelLoader: pod } = clusterNames;
  return [
    ...head("Copies a model's folder onto the volume of the model server: ./load-model.sh FOLDER. Safe to repeat.", [
      '[ $# -eq 1 ] || { echo "Name the folder with the model." >&2; exit 2; }',
      'model=$(cd "$1" && pwd)',
    ]),
    `namespace=${namespace}`,
    applyLine,
    'run() { kubectl --namespace "$namespace" "$@"; }',
    `remove() { run delete pod ${pod} --ignore-not-found --wait >/dev/null; }`,
    `apply ${releaseFiles.modelClaim}`,
    ...pullLines(release),
    'remove',
    'trap remove EXIT',
    `apply ${releaseFiles.modelLoaderPod}`,
    `run wait pod ${pod} --for=condition=Ready --timeout=1800s`,
    `run cp "$model/." ${pod}:${vllmPlaces.weights}`,
    '(cd "$model" && find . -type f -exec sha256sum {} +) |',
    `  run exec --stdin ${pod} -- sh -c 'cd ${vllmPlaces.weights} && sha256sum --check --quiet'`,
    'echo "The weights are complete. Next: ./install.sh"',
    '',
  ].join('\n');
}

function modelLines(release: Release): string[] {
  const { modelServer, dockerConfig } = release;
  if (!modelServer) return [];
  const { namespace, weights } = modelServer;
  const loaded = `The volume for the weights is missing. First: ./${releaseFiles.modelLoader} FOLDER`;
  const claim = [
    `kubectl get persistentvolumeclaim ${clusterNames.modelClaim} --namespace ${namespace} >/dev/null || {`,
    `  echo ${shellWord(loaded)} >&2`,
    '  exit 1',
    '}',
  ];
  const secret =
    dockerConfig === undefined
      ? []
      : pullLines(release).map((line) => line.replace('--namespace "$namespace"', `--namespace ${namespace}`));
  return [
    ...('image' in weights ? [] : claim),
    `apply ${releaseFiles.model}`,
    ...secret,
    `kubectl rollout status deployment/${clusterNames.model} --namespace ${namespace} --timeout=7200s`,
    '',
  ];
}

/** None for an image without a registry of its own: no one pushes to Docker Hub by accident. */
function pushLines({ image, site }: Release): string[] {
  const [registry = '', ...path] = fullReference(image.repository).split('/');
  if (registry === 'docker.io') return [];
  const target = [registry, ...path.slice(0, -1)].join('/');
  const ca = site.caFile === undefined ? '' : ` --ca "$(dirname "$0")/${releaseFiles.authorities}"`;
  return [
    "# With the folders of a bundle's media, its images and models go into the registry first.",
    `[ $# -eq 0 ] || sealift push ${shellWord(target)} "$@"${ca}`,
  ];
}

/* Before anything is pushed or made. The chart needs Helm 3.11 (install_ai_gateway.md). */
const toolLines = [
  'for tool in kubectl helm; do',
  '  command -v "$tool" >/dev/null || { echo "$tool is missing on this machine. Carry it in." >&2; exit 1; }',
  'done',
  "version=$(helm version --template '{{.Version}}')",
  'case $version in',
  '  v[4-9]* | v[1-9][0-9]* | v3.1[1-9]* | v3.[2-9][0-9]*) ;;',
  '  *) echo "Helm $version is too old: the chart needs 3.11 or later." >&2; exit 1 ;;',
  'esac',
  'kubectl version >/dev/null || { echo "kubectl cannot ask the cluster: see kubectl config view." >&2; exit 1; }',
];

const applyLine = 'apply() { kubectl apply --server-side --force-conflicts --filename "$1"; }';

const made = (command: string) => [
  `${command} \\`,
  '  --namespace "$namespace" --dry-run=client --output yaml | apply -',
];

function tlsLines({ tlsCert, tlsKey }: Release): string[] {
  const { tlsSecret } = clusterNames;
  if (tlsCert !== undefined && tlsKey !== undefined)
    return made(`kubectl create secret tls ${tlsSecret} --cert=${releaseFiles.tlsCert} --key=${releaseFiles.tlsKey}`);
  const say = `The secret ${tlsSecret} is missing: kubectl create secret tls ${tlsSecret} --cert=FILE --key=FILE --namespace`;
  return [
    `kubectl get secret ${tlsSecret} --namespace "$namespace" >/dev/null || {`,
    `  echo ${shellWord(say)} "$namespace" >&2`,
    '  exit 1',
    '}',
  ];
}

function pullLines({ dockerConfig }: Release): string[] {
  if (dockerConfig === undefined) return [];
  return made(
    `kubectl create secret generic ${clusterNames.pullSecret} --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=${releaseFiles.dockerConfig}`,
  );
}

function authorityLines({ site }: Release): string[] {
  if (site.caFile === undefined) return [];
  return made(`kubectl create configmap ${clusterNames.authorities} --from-file=${releaseFiles.authorities}`);
}

function helmLines(release: Release): string[] {
  const { secrets } = release.environment;
  const keys = extraVariables(release).flatMap(({ name }, at) =>
    secrets[name] === undefined
      ? []
      : [`  --set-file extraEnvironmentVariables[${at}].value=${releaseFiles.keys}/${secrets[name]} \\`],
  );
  return [
    `helm upgrade --install ${clusterNames.release} ${releaseFiles.chart} \\`,
    '  --namespace "$namespace" \\',
    `  --values ${releaseFiles.values} \\`,
    ...keys.map((line) => line.replace(/(extra\S+)/, "'$1'")),
    '  --timeout=300s --wait --wait-for-jobs',
  ];
}
