import { stringify } from 'yaml';
import { parseImageReference } from '../../../shared/image-reference.ts';
import { addressFamily, isWildcard } from '../http/network-host.ts';
import { sharedMemoryBytes, vllmEnvironment, vllmPlaces } from '../serving/containers/vllm-container.ts';
import { clusterNames, type ModelServer, type Release } from './release.ts';

const { model: name, modelClaim, pullSecret } = clusterNames;
const labels = { 'app.kubernetes.io/name': name };
const nodePorts = { from: 30_000, to: 32_767 };
const startSeconds = 7200;
const lookSeconds = 10;

/**
 * Returns the manifests of the model server: a namespace of its own, in which nothing reaches out and only the front gets in, the
 * deployment, and the service at the port of the site's endpoint.
 */
export function modelServerText(release: Release, model: ModelServer): string {
  const { namespace } = model;
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    policy(release, model),
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec: deployment(release, model) },
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: service(model) },
  ]
    .map((one) => stringify(one, { lineWidth: 0 }))
    .join('---\n');
}

/** Returns the manifests of the namespace and of the claim for the volume with the weights. */
export function modelClaimText({ namespace, weights }: ModelServer): string | undefined {
  if ('image' in weights) return undefined;
  const { claimGiB, storageClass } = weights;
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: modelClaim, namespace },
      spec: {
        accessModes: ['ReadWriteOnce'],
        ...(storageClass !== undefined && { storageClassName: storageClass }),
        resources: { requests: { storage: `${claimGiB}Gi` } },
      },
    },
  ]
    .map((one) => stringify(one))
    .join('---\n');
}

/** Returns the manifest of the pod through which the weights get onto that volume. */
export function modelLoaderText({ dockerConfig }: Release, { namespace, image }: ModelServer): string {
  const { modelLoader } = clusterNames;
  return stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: modelLoader, namespace },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      ...pullSecrets(dockerConfig),
      containers: [
        {
          ...{ name: modelLoader, image, command: ['sleep', 'infinity'] },
          volumeMounts: [{ name: 'weights', mountPath: vllmPlaces.weights }],
        },
      ],
      volumes: [{ name: 'weights', persistentVolumeClaim: { claimName: modelClaim } }],
    },
  });
}

function pullSecrets(dockerConfig: string | undefined) {
  return dockerConfig === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] };
}

function policy({ site }: Release, { namespace }: ModelServer) {
  const family = addressFamily(site.front.host);
  const isKnown = family !== 0 && !isWildcard(site.front.host);
  const from = [{ ipBlock: { cidr: `${site.front.host}/${family === 6 ? 128 : 32}` } }];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ...(isKnown && { from }), ports: [{ protocol: 'TCP', port: vllmPlaces.port }] }],
      egress: [],
    },
  };
}

function deployment({ dockerConfig }: Release, model: ModelServer) {
  const { memoryGiB, cpus } = model.model;
  const limits = {
    ...(model.gpus > 0 && { 'nvidia.com/gpu': String(model.gpus) }),
    ...(memoryGiB !== undefined && { memory: `${Math.round(memoryGiB * 1024)}Mi` }),
    ...(cpus !== undefined && { cpu: String(cpus) }),
  };
  const health = { httpGet: { path: '/health', port: vllmPlaces.port }, periodSeconds: lookSeconds };
  const container = {
    name,
    image: model.image,
    imagePullPolicy: parseImageReference(model.image)?.digest === undefined ? 'Always' : 'IfNotPresent',
    args: model.arguments,
    env: Object.entries(vllmEnvironment).map(([key, value]) => ({ name: key, value })),
    ports: [{ containerPort: vllmPlaces.port }],
    resources: { limits },
    startupProbe: { ...health, failureThreshold: startSeconds / lookSeconds },
    readinessProbe: health,
    livenessProbe: { ...health, timeoutSeconds: 10, failureThreshold: 12 },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: 'weights', mountPath: vllmPlaces.weights, readOnly: true },
      { name: 'shared-memory', mountPath: '/dev/shm' },
    ],
  };
  return {
    replicas: 1,
    // Two at once would need twice the GPUs.
    strategy: { type: 'Recreate' },
    progressDeadlineSeconds: startSeconds,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        automountServiceAccountToken: false,
        // Kubernetes' variables for services would be taken for vLLM's own.
        enableServiceLinks: false,
        securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        ...pullSecrets(dockerConfig),
        containers: [container],
        volumes: [
          { name: 'weights', ...weightsVolume(model) },
          {
            name: 'shared-memory',
            emptyDir: { medium: 'Memory', sizeLimit: `${sharedMemoryBytes(model.gpus) / 1024 ** 3}Gi` },
          },
        ],
      },
    },
  };
}

function weightsVolume({ weights }: ModelServer) {
  return 'image' in weights
    ? { image: { reference: weights.image, pullPolicy: 'IfNotPresent' } }
    : { persistentVolumeClaim: { claimName: modelClaim, readOnly: true } };
}

/** Only nodes that run the pod answer, so that the policy sees the front's own address. */
function service({ port }: ModelServer) {
  const isNodePort = port >= nodePorts.from && port <= nodePorts.to;
  return {
    type: isNodePort ? 'NodePort' : 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    selector: labels,
    ports: [
      {
        protocol: 'TCP',
        port: isNodePort ? vllmPlaces.port : port,
        targetPort: vllmPlaces.port,
        ...(isNodePort && { nodePort: port }),
      },
    ],
  };
}
