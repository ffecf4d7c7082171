import { z } from 'zod';
import { finding } from '../finding.ts';
import { call, job, stream } from '../rpc/contract.ts';
import { slug } from '../site-file.ts';
import { modelServing } from './model-serving.ts';

const path = z.string().min(1).max(4096);
const measured = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));

/** A container as it is wanted. Values of secrets are `[hidden]`. */
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
});

/** One step of a plan: what deploy makes, exactly (path and mode, host and port). Simulated things carry `simulated: true`. */
export const plannedStep = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(['port', 'folder', 'secret', 'file', 'process', 'image', 'network', 'volume', 'container']),
  what: z.string(),
  state: z.enum(['exists', 'will-be-made', 'will-change', 'blocked']),
  /** Why it will change, in words; absent where the state says all. */
  why: z.string().optional(),
  simulated: z.literal(true).optional(),
  container: plannedContainer.optional(),
});
/** What `deploy --plan` shows; a red finding says what forbids to deploy. */
export const plannedSite = z.object({
  site: slug,
  simulated: z.boolean(),
  steps: z.array(plannedStep),
  findings: z.array(finding),
});

/** What was deployed; also `evidence/deploy.json` of the site. */
export const deployed = z.object({
  site: slug,
  deployedAt: z.iso.datetime(),
  /** True when any part is a stand-in. */
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
  /** The model that the embedded engine loads; null for a server that runs already. */
  model: z.object({ name: slug, path: z.string(), sha256: z.string(), sizeBytes: z.int() }).nullable(),
  /** Memory of the model server, estimated and measured; absent for servers that Sealift does not start itself. */
  serving: modelServing.optional(),
  files: z.array(z.object({ path: z.string(), sha256: z.string() })),
  /** `fingerprint`: SHA256 of the public part, or `made` where there is none. Never the secret. */
  secrets: z.array(z.object({ name: z.string(), fingerprint: z.string() })),
  /** What was made in the container engine; absent for sites without containers. */
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

/** How one part stands now. `running` is what its process says, never a guess from an old file. */
export const partStatus = z.object({
  site: slug,
  name: slug,
  kind: z.string(),
  state: z.enum(['starting', 'running', 'restarting', 'failed', 'stopped']),
  version: z.string(),
  measured,
  pid: z.int().optional(),
  host: z.string().optional(),
  port: z.int().optional(),
  restarts: z.int(),
  error: z.string().optional(),
  /** Since when its process, which is there, has not answered. */
  silentSince: z.iso.datetime().optional(),
  simulated: z.literal(true).optional(),
  /** Of the model server: what was estimated at its deployment, beside what it says now or said then. */
  serving: modelServing.optional(),
});
/** How the service of one site stands. */
export const siteStatus = z.object({
  name: slug,
  simulated: z.boolean(),
  /** The file that it was deployed from; absent when nothing readable is written of that. */
  siteFile: z.string().optional(),
  service: z.enum(['running', 'not-answering', 'not-running', 'stopped']),
  pid: z.int().optional(),
  startedAt: z.iso.datetime().optional(),
  updatedAt: z.iso.datetime().optional(),
  /** Whether the service comes back after a reboot; `at-login`: when its user logs in. */
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
  /** Whole paths; folders with all that is in them. */
  removes: z.array(z.string()),
  /** Containers, networks, volumes and images, each as `container NAME`; absent for a site without. */
  engineObjects: z.array(z.string()).optional(),
  /**
   * What stays, and why; an image as `image NAME`, an engine that does not answer as `container engine ADDRESS`, what was set in a
   * GitLab as `settings of URL`.
   */
  keeps: z.array(z.object({ path: z.string(), reason: z.string() })),
});
const named = z.object({ site: slug });
const removed = named.extend({
  keepWeights: z.boolean().default(false),
  /** Of what imports of this data folder brought; others never go. */
  keepImages: z.boolean().default(false),
  /** Goes on without engines that do not answer: what the site has there stays. */
  leaveEngines: z.boolean().default(false),
});

/** The life of a site: deploy, look, stop, start, remove. */
export const site = {
  plan: call(z.object({ siteFile: path }), plannedSite),
  deploy: job('Deploy the site', z.object({ siteFile: path }), deployed, { resumes: true }),
  /** The name of the site that is meant: of a site file, by name, or the only one of the data folder. */
  resolve: call(z.object({ siteFile: path.optional(), site: z.string().max(100).optional() }), named),
  /** `siteFile` is compared with what is deployed; without it the file that was deployed is. */
  status: call(z.object({ site: slug.optional(), siteFile: path.optional() }), sitesStatus),
  /** The same, now and after each change. */
  watch: stream(z.object({ site: slug.optional(), siteFile: path.optional() }), sitesStatus),
  stop: job('Stop the site', named, z.object({ site: slug, wasRunning: z.boolean() }), { resumes: true }),
  start: job('Start the site', named, z.object({ site: slug, wasRunning: z.boolean(), parts: z.array(partStatus) }), {
    resumes: true,
  }),
  logs: stream(
    z.object({
      site: slug,
      part: z.string().max(100).optional(),
      follow: z.boolean().default(false),
      /** How many of the last lines of each part come first. */
      tail: z.int().min(0).max(10_000).default(100),
    }),
    logLine,
  ),
  removal: call(removed, removal),
  uninstall: job('Remove the site', removed, removal, {
    resumes: true,
  }),
};
