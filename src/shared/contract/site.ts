import { z } from 'zod';
import { finding } from '../finding.ts';
import { partFacts } from '../part-health.ts';
import { call, job, stream } from '../rpc/contract.ts';
import { duoFeature, gatewayKind, slug } from '../site-file.ts';
import { modelServing } from './model-serving.ts';

const path = z.string().min(1).max(4096);

/** Specification of a planned container. The values of secrets are `[hidden]`. */
export const plannedContainer = z.object({
  name: z.string(),
  image: z.string(),
  imageId: z.string(),
  command: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()),
  networks: z.array(z.object({ name: z.string(), aliases: z.array(z.string()), address: z.string().optional() })),
  ports: z.array(z.object({ hostIp: z.string(), hostPort: z.int(), containerPort: z.int() })),
  mounts: z.array(z.object({ source: z.string(), target: z.string(), readOnly: z.boolean(), kind: z.string() })),
  extraHosts: z.array(z.string()),
  memoryBytes: z.int().optional(),
  cpus: z.number().optional(),
  gpu: z.string().optional(),
  /** The GPUs that it gets, as its engine names them; absent for all. */
  gpus: z.array(z.string()).optional(),
});

/** One step of a plan: exactly what deploy creates (path and mode, host and port). */
export const plannedStep = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum([
    'port',
    'folder',
    'log-folder',
    'secret',
    'file',
    'package',
    'process',
    'image',
    'network',
    'volume',
    'container',
  ]),
  what: z.string(),
  state: z.enum(['exists', 'will-be-made', 'will-change', 'blocked']),
  /** Why it will change; absent if the state needs no explanation. */
  why: z.string().optional(),
  simulated: z.literal(true).optional(),
  container: plannedContainer.optional(),
});
/** A field of a site file that differs from the deployed one, as `model.contextTokens`. Null: absent there. */
const siteChange = z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() });
export type SiteChange = z.infer<typeof siteChange>;

/** What `deploy --plan` shows. A red finding means that the site can't be deployed yet. */
export const plannedSite = z.object({
  site: slug,
  simulated: z.boolean(),
  steps: z.array(plannedStep),
  /** What the site file changes of the deployed one; absent where none was deployed or it cannot be read. */
  changes: z.array(siteChange).optional(),
  findings: z.array(finding),
});

const storedModel = z.object({ name: slug, path: z.string(), sha256: z.string(), sizeBytes: z.int() });

/** One of several models that were deployed. `part` is its process or container; `stored` is null for an existing server. */
const deployedModel = z.object({
  part: z.string(),
  servedName: slug,
  features: z.array(duoFeature),
  stored: storedModel.nullable(),
  serving: modelServing.optional(),
});

/** What was deployed; also the content of the site's `evidence/deploy.json`. */
export const deployed = z.object({
  site: slug,
  deployedAt: z.iso.datetime(),
  /** True if any part is a stand-in. */
  simulated: z.boolean(),
  steps: z.array(
    z.object({ id: z.string(), title: z.string(), state: z.enum(['made', 'kept', 'changed']), simulated: z.boolean() }),
  ),
  parts: z.array(
    z.object({
      name: slug,
      kind: z.string(),
      version: z.string(),
      host: z.string(),
      port: z.int(),
      pid: z.int(),
      simulated: z.boolean(),
    }),
  ),
  /** The model that the site's engine loads; null for an existing server, and for a site with a list of models. */
  model: storedModel.nullable(),
  /** Memory of the model server, estimated and measured; absent for servers not started by Sealift. */
  serving: modelServing.optional(),
  /** Each model of a site with a list of models, in the order of the site file. */
  models: z.array(deployedModel).optional(),
  files: z.array(z.object({ path: z.string(), sha256: z.string() })),
  /** `fingerprint`: SHA256 of the public part, or `made` if there is none. Never the secret. */
  secrets: z.array(z.object({ name: z.string(), fingerprint: z.string() })),
  /** The container engine that was used; absent for sites without containers. */
  engine: z.object({ address: z.string(), version: z.string() }).optional(),
  containers: z
    .array(
      z.object({
        name: z.string(),
        part: z.string(),
        id: z.string(),
        image: z.string(),
        imageId: z.string(),
        ports: z.array(z.object({ hostIp: z.string(), hostPort: z.int(), containerPort: z.int() })),
        simulated: z.boolean(),
      }),
    )
    .optional(),
  networks: z.array(z.object({ name: z.string(), internal: z.boolean(), subnet: z.string().optional() })).optional(),
  volumes: z.array(z.string()).optional(),
});

/** Current state of one part. `running` is reported by its process, never guessed from an old file. */
export const partStatus = partFacts.extend({
  site: slug,
  version: z.string(),
  simulated: z.literal(true).optional(),
  /** For the model server: the estimate made at deployment, next to what it reports now or reported then. */
  serving: modelServing.optional(),
});
/** Current state of a site's service. */
export const siteStatus = z.object({
  name: slug,
  simulated: z.boolean(),
  /** The site file it was deployed from; absent if there is no readable record of it. */
  siteFile: z.string().optional(),
  /** The served names of its models where it has several: a question has to name one. */
  models: z.array(slug).optional(),
  service: z.enum(['running', 'not-answering', 'not-running', 'stopped']),
  pid: z.int().optional(),
  startedAt: z.iso.datetime().optional(),
  updatedAt: z.iso.datetime().optional(),
  /** The last probe of this deployment: the title of its first failed hop, or what puts its result in doubt. Absent if there is none. */
  lastProbe: z
    .object({
      at: z.iso.datetime(),
      hops: z.int(),
      notChecked: z.int(),
      failedHop: z.string().optional(),
      doubt: z.string().optional(),
    })
    .optional(),
  /** Whether GitLab's settings were read back for this deployment: `differs` if some have another value. Absent for `not-yet`. */
  gitlabSettings: z.enum(['set', 'differs']).optional(),
  /** Whether the service starts again after a reboot; `at-login`: once its user logs in. */
  afterReboot: z.enum(['starts', 'at-login', 'stays-down']),
});

/** One line of a part's log. */
export const logLine = z.object({ site: slug, part: slug, line: z.string(), simulated: z.literal(true).optional() });

const sitesStatus = z.object({
  sites: z.array(siteStatus),
  parts: z.array(partStatus),
  findings: z.array(finding.extend({ site: slug })),
});

const removal = z.object({
  site: slug,
  /** Absolute paths; folders are removed with their contents. */
  removes: z.array(z.string()),
  /** Containers, networks, volumes and images, each as `container NAME`; absent for a site without any. */
  engineObjects: z.array(z.string()).optional(),
  /**
   * What is kept, and why: an image as `image NAME`, an engine that does not answer as `container engine ADDRESS`, GitLab settings as
   * `settings of URL`.
   */
  keeps: z.array(z.object({ path: z.string(), reason: z.string() })),
  /** The site file with which `gitlab undo` puts settings of GitLab back, while the site is still there. */
  undoWith: z.string().optional(),
});
const named = z.object({ site: slug });
const removed = named.extend({
  keepWeights: z.boolean().default(false),
  /** Keeps the images imported into this data folder; other images are never removed. */
  keepImages: z.boolean().default(false),
  /** Continues without engines that do not answer; the site's objects there are kept. */
  leaveEngines: z.boolean().default(false),
});

/** The life cycle of a site: deploy, status, stop, start, uninstall. */
export const site = {
  plan: call(z.object({ siteFile: path }), plannedSite),
  deploy: job('Deploying the site', z.object({ siteFile: path }), deployed, { subject: 'siteFile', resumes: true }),
  /** Returns the name of a site, given by its site file or its name. Default: the only site in the data folder. */
  resolve: call(z.object({ siteFile: path.optional(), site: z.string().max(100).optional() }), named),
  /** Compares `siteFile`, or otherwise the deployed site file, with what is deployed. */
  status: call(z.object({ site: slug.optional(), siteFile: path.optional() }), sitesStatus),
  /** Returns what every command says first: services that were killed, and secrets that others can read. `secretFiles`: files with secrets that it was given. */
  standing: call(
    z.object({ secretFiles: z.array(path).max(20).default([]) }),
    z.object({ findings: z.array(finding) }),
  ),
  /** Yields the same as `status`, now and after each change. */
  watch: stream(z.object({ site: slug.optional(), siteFile: path.optional() }), sitesStatus),
  stop: job('Stopping the site', named, z.object({ site: slug, wasRunning: z.boolean() }), {
    subject: 'site',
    resumes: true,
  }),
  start: job(
    'Starting the site',
    named,
    z.object({ site: slug, wasRunning: z.boolean(), parts: z.array(partStatus) }),
    { subject: 'site', resumes: true },
  ),
  logs: stream(
    z.object({
      site: slug,
      part: z.string().max(100).optional(),
      follow: z.boolean().default(false),
      /** How many of each part's last lines to start with. */
      tail: z.int().min(0).max(10_000).default(100),
    }),
    logLine,
  ),
  /**
   * Makes new signing keys for the gateway; the old ones only validate from then on. A running gateway signs with its old key until the
   * next `deploy` or `start`; one that Sealift does not run gets the keys from its owner. Refused until three days after a deployment, or
   * files for a cluster, brought the keys of the last rotation to the gateway.
   */
  rotateGatewayKeys: call(
    named.extend({
      /** Rotates all the same: tokens that the dropped keys signed are refused. */
      dropOldKeys: z.boolean().default(false),
    }),
    z.object({
      keys: z.array(z.object({ name: z.string(), fingerprint: z.string(), validates: z.string() })),
      siteFile: path.nullable(),
      /** The gateway of the deployed site; null before the first deployment. */
      gateway: gatewayKind.nullable(),
    }),
    { writes: true },
  ),
  removal: call(removed, removal),
  uninstall: job('Uninstalling the site', removed, removal, {
    subject: 'site',
    resumes: true,
  }),
};
